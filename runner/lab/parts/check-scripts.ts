import { shellMistakes } from '../../host/shell-syntax.ts'
import { kindOfAction } from '../../steps/actions/index.ts'
import type { Step, Variant } from '../lab.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'

interface Script {
  readonly text: string
  readonly path: Path
}

/** Reports the scripts of variants that no shell could read; `reportIn` gives the report of a variant. */
export function checkScripts(variants: readonly Variant[], reportIn: (variant: string) => Report): void {
  const scripts = variants.map(({ name, steps }) => ({ name, scripts: steps.flatMap(scriptsOf) }))
  const mistakes = shellMistakes(scripts.flatMap((each) => each.scripts.map(({ text }) => text)))
  if (mistakes.size === 0) return
  for (const { name, scripts: own } of scripts) {
    for (const { text, path } of own) {
      const said = mistakes.get(text)
      if (said !== undefined) reportIn(name)(path, { message: `cannot run these commands: ${said}` })
    }
  }
}

/** All that a shell reads in a step, and where it stands. */
const scriptsOf = ({ index, actions, expectations }: Step): readonly Script[] => [
  ...actions.flatMap((action) =>
    (kindOfAction(action).texts?.of(action.value) ?? []).flatMap(({ text, path, file }) =>
      file === undefined ? [{ text, path: ['steps', index, ...path] }] : [],
    ),
  ),
  ...expectations.flatMap(({ assertion, parameters }, at) => {
    const text = fieldOf(parameters, 'command')
    return typeof text === 'string' ? [{ text, path: ['steps', index, 'expect', at, assertion, 'command'] }] : []
  }),
]
