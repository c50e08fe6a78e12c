import { isDeepStrictEqual } from 'node:util'
import { caseNames } from '../case-names.ts'
import type { Step, Variant } from '../lab.ts'
import type { ResolvedVariant } from '../resolve-variant.ts'
import type { mutationSchema } from '../schema/schema.ts'
import type { Findings, Path, Report } from '../text/diagnostics.ts'
import { fillIn } from '../values/fill.ts'
import type { RawVariant } from '../values/read-variants.ts'

export type RawMutation = typeof mutationSchema._output

/** A variant in both its forms. */
export interface VariantForms {
  readonly raw: RawVariant
  readonly resolved: ResolvedVariant
}

/** What mutations are made from. */
export interface MutationContext {
  readonly variants: readonly VariantForms[]
  readonly rawSteps: readonly unknown[]
  /** Resolves a variant anew, with other values; mistakes go to `report`. */
  resolve(raw: RawVariant, report: Report): ResolvedVariant
  readonly findings: Findings
}

/** A variant with the mistake made. */
export interface Mistaken {
  readonly variant: Variant
  /** Index of the first step that does something else now. */
  readonly changedAt: number
}

/**
 * Makes the mistake in a variant; undefined when it changes nothing there. Only what is done changes: the files and
 * commands of steps and where they run. What is claimed stays, and so do nodes, cables and names of cases.
 */
export function mistakeIn(
  raw: RawMutation,
  path: Path,
  { raw: rawVariant, resolved }: VariantForms,
  context: MutationContext,
  report: Report,
): Mistaken | undefined {
  const { variant, values } = resolved
  if (raw.values !== undefined) {
    const other = withValues(raw.values, path, rawVariant, context, report)
    return compare(variant, (step) => {
      const changed = other.get(step.index)
      return changed === undefined ? step : { ...claimsOf(step), ...deedsOf(changed, step) }
    })
  }
  const target = raw.without ?? raw.instead?.step
  const isTarget = (step: Step) => step.id === target
  const hasId = variant.steps.some(isTarget)
  const meets = (step: Step) => (hasId ? isTarget(step) : step.name === target)
  if (raw.without !== undefined) return compare(variant, (step) => (meets(step) ? leftOut(step) : step))
  if (raw.instead === undefined) return undefined
  const filled = fillIn(raw.instead.run, [...path, 'instead', 'run'], values, report)
  return compare(variant, (step) => (meets(step) ? replaced(step, String(filled.value)) : step))
}

/** The steps of the variant with other values, by index. */
function withValues(
  values: Readonly<Record<string, string>>,
  path: Path,
  variant: VariantForms['raw'],
  { resolve }: MutationContext,
  report: Report,
): ReadonlyMap<number, Step> {
  const changed = Object.entries(values).map(
    ([name, text]) => [name, { text, path: [...path, 'values', name] }] as const,
  )
  const raw = { name: variant.name, values: new Map([...variant.values, ...changed]) }
  const { steps } = resolve(raw, (at, mistake) => {
    if (isDeed(at)) report(at, mistake)
  })
  return new Map(steps.map(({ step }) => [step.index, step]))
}

/** Claims are not made with the other values, so their mistakes with them don't count. */
const isDeed = (at: Path): boolean =>
  at[0] === 'values' || at[0] === 'variants' || at[0] === 'mutations' || deedKeys.includes(String(at[2]))

/** Keys of a step that say what is done. */
const deedKeys = ['run', 'copy', 'on', 'start', 'stop', 'events', 'outage']

function compare(variant: Variant, change: (step: Step) => Step | undefined): Mistaken | undefined {
  const steps: Step[] = []
  let changedAt: number | undefined
  for (const step of variant.steps) {
    const changed = change(step)
    if (changed !== step && !(changed !== undefined && doTheSame(changed, step))) changedAt ??= step.index
    if (changed !== undefined) steps.push(changed)
  }
  return changedAt === undefined ? undefined : { variant: { ...variant, steps }, changedAt }
}

const doTheSame = (left: Step, right: Step): boolean =>
  left.node === right.node &&
  left.run?.text === right.run?.text &&
  left.stop === right.stop &&
  isDeepStrictEqual(left.start, right.start) &&
  isDeepStrictEqual(left.events, right.events) &&
  isDeepStrictEqual(left.outage, right.outage) &&
  left.copies.length === right.copies.length &&
  left.copies.every((copy, index) => {
    const other = right.copies[index]
    return other?.to === copy.to && Buffer.compare(other.content, copy.content) === 0
  })

/**
 * The step without its commands, files and events, also those of an outage; undefined when nothing is left to judge.
 */
const leftOut = (step: Step): Step | undefined =>
  caseNames(step).length === 0 && step.captures.length === 0
    ? undefined
    : { ...claimsOf(step), copies: [], events: [], ...(step.outage ? { outage: { ...step.outage, while: [] } } : {}) }

const replaced = (step: Step, text: string): Step =>
  step.run !== undefined
    ? { ...step, run: { ...step.run, text } }
    : step.start !== undefined
      ? { ...step, start: { ...step.start, text } }
      : step

type Deed = 'node' | 'start' | 'run' | 'events' | 'outage' | 'stop' | 'copies'

const claimsOf = ({
  node: _node,
  start: _start,
  run: _run,
  events: _events,
  outage: _outage,
  stop: _stop,
  copies: _copies,
  ...claims
}: Step): Omit<Step, Deed> => claims

const deedsOf = ({ node, start, run, events, outage, stop, copies }: Step, claimed: Step): Pick<Step, Deed> => ({
  ...(node === undefined ? {} : { node }),
  ...(start === undefined ? {} : { start }),
  ...(stop === undefined ? {} : { stop }),
  ...(run === undefined || claimed.run === undefined ? {} : { run: { ...claimed.run, text: run.text } }),
  ...(outage === undefined || claimed.outage === undefined
    ? {}
    : { outage: { ...outage, expectations: claimed.outage.expectations } }),
  events,
  copies,
})
