import type { z } from 'zod'
import { readEvent } from '../../steps/events/index.ts'
import type { Mend, Puzzle, Step, Variant } from '../lab.ts'
import { declaredIn } from '../parts/variant-context.ts'
import type { ResolvedVariant } from '../resolve-variant.ts'
import { checkShape } from '../schema/check-shape.ts'
import { puzzleSchema } from '../schema/schema.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { nearestWord } from '../text/nearest.ts'
import { fillIn } from '../values/fill.ts'
import type { RawMutation } from './make-mistake.ts'

/**
 * The puzzle that a mutation makes in a variant, whose first changed step is given; undefined when it makes none, or
 * after a mistake in it is reported.
 */
export function readPuzzle(
  raw: RawMutation['puzzle'],
  path: Path,
  { variant, values }: ResolvedVariant,
  changedAt: number,
  report: Report,
): Puzzle | undefined {
  if (raw === undefined) return undefined
  const filled = fillIn(raw, path, values, report)
  const shape = checkShape(puzzleSchema, filled.value, path, report, filled)
  if (shape === undefined) return undefined
  const { level, until, hint, solution, mend } = shape.value
  const step = stepAt(variant.steps, until)
  const [at, atKey] = until === undefined ? [path, true] : [[...path, 'until'], false]
  if (step === undefined) {
    const words = variant.steps.flatMap(({ name, id }) => (id === undefined ? [name] : [name, id]))
    report(at, { message: `cannot find step "${until}"`, nearest: () => nearestWord(String(until), words) })
    return undefined
  }
  const cause = whyNoPuzzle(step, variant.steps, changedAt)
  if (cause !== undefined) report(at, { message: `cannot make a puzzle after step "${step.name}": ${cause}`, atKey })
  return {
    ...{ level, until: step.index, solution },
    hints: typeof hint === 'string' ? [hint] : hint,
    mend: mend.flatMap((one, index) => readMend(one, [...path, 'mend', index], variant, report)),
  }
}

function readMend(
  raw: z.output<typeof puzzleSchema>['mend'][number],
  path: Path,
  variant: Variant,
  report: Report,
): readonly Mend[] {
  if ('run' in raw) {
    const { on, run } = raw
    const nodes = variant.nodes.map(({ name }) => name)
    const message = `cannot mend the lab on ${on}: it has no such node`
    if (!nodes.includes(on)) report([...path, 'on'], { message, nearest: () => nearestWord(on, nodes) })
    return [{ node: on, commands: run }]
  }
  return raw.events.flatMap((one, number): readonly Mend[] => {
    const event = readEvent(one, { path: [...path, 'events', number], topology: declaredIn(variant), report })
    return event === undefined ? [] : [{ event }]
  })
}

const doesSomething = ({ actions }: Step) => actions.length > 0

/** The last step of this id or name; without one the last that does something. */
const stepAt = (steps: readonly Step[], word: string | undefined): Step | undefined =>
  word === undefined
    ? (steps.findLast(doesSomething) ?? steps.at(-1))
    : steps.findLast(({ name, id }) => name === word || id === word)

function whyNoPuzzle(step: Step, steps: readonly Step[], changedAt: number): string | undefined {
  if (step.index < changedAt) return 'it stands before the change'
  const behind = steps.filter(({ index }) => index > step.index)
  const next = behind.findIndex(doesSomething)
  const judged = [step, ...(next === -1 ? behind : behind.slice(0, next))]
  return judged.some(({ expectations }) => expectations.length > 0)
    ? undefined
    : 'nothing is claimed from there to the next step that does something'
}
