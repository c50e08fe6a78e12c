import { filterMistakes } from '../../host/filter-syntax.ts'
import { shellMistakes } from '../../host/shell-syntax.ts'
import { kindOfAction } from '../../steps/actions/index.ts'
import type { Step, Variant } from '../lab.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'
import { keptIn } from '../values/placeholders.ts'

/** A text of a step that a program of the machine reads. */
export interface Script {
  readonly text: string
  readonly path: Path
  /** The node on which it is run, where that is said. */
  readonly node?: string | undefined
}

/**
 * Reports the commands of variants that no shell could read, and the pcap filters that mean nothing, as far as programs
 * of the host say so; `mends` are commands of puzzles, by variant, `reportIn` gives the report of a variant.
 */
export function checkScripts(
  variants: readonly Variant[],
  mends: readonly (Script & { readonly name: string })[],
  reportIn: (variant: string) => Report,
): void {
  const check = (
    scriptsIn: (step: Step) => readonly Script[],
    mistakesIn: (texts: readonly string[]) => ReadonlyMap<string, string>,
    cannot: string,
    more: typeof mends = [],
  ) => {
    const ofSteps = variants.flatMap(({ name, steps }) => steps.flatMap(scriptsIn).map((one) => ({ name, ...one })))
    const found = [...ofSteps, ...more]
    const mistakes = mistakesIn(found.map(({ text }) => text))
    for (const { name, text, path } of found) {
      const said = mistakes.get(text)
      if (said !== undefined) reportIn(name)(path, { message: `${cannot}: ${said}` })
    }
  }
  check(scriptsOf, shellMistakes, 'cannot run these commands', mends)
  check(filtersOf, filterMistakes, 'cannot use this filter')
}

/** All that a shell reads in a step, and where it stands. */
export const scriptsOf = (step: Step): readonly Script[] => [
  ...step.actions.flatMap((action) =>
    (kindOfAction(action).texts?.of(action.value) ?? []).flatMap(({ text, path, file }) =>
      file === undefined ? [{ text, path: ['steps', step.index, ...path], node: step.node }] : [],
    ),
  ),
  ...parametersOf(step, 'command'),
]

/** The pcap filters of a step, but for those of which a part is known only when the lab runs. */
const filtersOf = (step: Step): readonly Script[] =>
  parametersOf(step, 'filter').filter(({ text }) => keptIn(text).length === 0)

/** The texts that stand under a key of a step's expectations. */
const parametersOf = ({ index, expectations }: Pick<Step, 'index' | 'expectations'>, key: string): readonly Script[] =>
  expectations.flatMap(({ assertion, parameters }, at) => {
    const text = fieldOf(parameters, key)
    const on = fieldOf(parameters, 'on')
    const node = typeof on === 'string' ? on : undefined
    return typeof text === 'string' ? [{ text, path: ['steps', index, 'expect', at, assertion, key], node }] : []
  })
