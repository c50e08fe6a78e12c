import { actions, doTheSame, kindOfAction } from '../../steps/actions/index.ts'
import { caseNames } from '../case-names.ts'
import type { Step, StepAction, Variant } from '../lab.ts'
import type { ResolvedVariant } from '../resolve-variant.ts'
import type { mutationSchema } from '../schema/schema.ts'
import type { Findings, Path, Report } from '../text/diagnostics.ts'
import { fillIn } from '../values/fill.ts'
import { includesKey } from '../values/include-steps.ts'
import type { RawVariant } from '../values/read-variants.ts'
import type { FindCases } from './references.ts'

export type RawMutation = typeof mutationSchema._output

/** A variant in both its forms. */
export interface VariantForms {
  readonly raw: RawVariant
  readonly resolved: ResolvedVariant
  readonly findCases: FindCases
}

/** What mutations are made from. */
export interface MutationContext {
  readonly variants: readonly VariantForms[]
  /** Ids and names of all steps, as they stand in the file and filled in. */
  readonly stepWords: ReadonlySet<string>
  /** The steps as they stand in the file. */
  readonly rawSteps: readonly unknown[]
  /** The size of the file, as its tree counts it. */
  readonly size: number
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
  const { variant, values, ownValues } = resolved
  if (raw.values !== undefined) {
    const other = withValues(raw.values, path, rawVariant, context, report)
    return compare(variant, (step) => {
      const changed = other.get(step.index)
      return changed === undefined ? step : doingAs(changed, step)
    })
  }
  const target = raw.without ?? raw.instead?.step
  const isTarget = (step: Step) => step.id === target
  const hasId = variant.steps.some(isTarget)
  const meets = (step: Step) => (hasId ? isTarget(step) : step.name === target)
  if (raw.without !== undefined) return compare(variant, (step) => (meets(step) ? leftOut(step) : step))
  if (raw.instead === undefined) return undefined
  const { run } = raw.instead
  const filledFor = ({ index }: Step) =>
    String(fillIn(run, [...path, 'instead', 'run'], ownValues.get(index) ?? values, report).value)
  // What a step on several nodes claims is a part of its own, with no commands, and without the values of a node.
  const isMeant = (step: Step) => meets(step) && commandsOf(step) !== undefined
  return compare(variant, (step) => (isMeant(step) ? replaced(step, filledFor(step)) : step))
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
  const resolved = resolve(raw, (at, mistake) => {
    if (isOfAction(at)) report(at, mistake)
  })
  return new Map(resolved.variant.steps.map((step) => [step.index, step]))
}

/** Claims are not made with the other values, so their mistakes with them don't count. */
const isOfAction = (at: Path): boolean =>
  !at.includes('expect') &&
  (at[0] === 'values' ||
    at[0] === 'variants' ||
    at[0] === includesKey ||
    at[0] === 'mutations' ||
    at[2] === 'on' ||
    actionNames.has(at[2]))

const actionNames: ReadonlySet<unknown> = new Set(actions.map(({ key }) => key))

/** The variant with its steps changed, undefined ones left out; undefined when the same is done. Pure. */
export function compare(variant: Variant, change: (step: Step) => Step | undefined): Mistaken | undefined {
  const steps: Step[] = []
  let changedAt: number | undefined
  for (const step of variant.steps) {
    const changed = change(step)
    if (changed !== step && !(changed !== undefined && doTheSame(changed, step))) changedAt ??= step.index
    if (changed !== undefined) steps.push(changed)
  }
  return changedAt === undefined ? undefined : { variant: { ...variant, steps }, changedAt }
}

/** The step as it is claimed, done as the changed one. */
function doingAs(changed: Step, { node: _, ...claimed }: Step): Step {
  const casesOf = ({ key }: StepAction) => claimed.actions.find((action) => action.key === key)?.cases ?? []
  return {
    ...claimed,
    ...(changed.node === undefined ? {} : { node: changed.node }),
    actions: changed.actions.map((action) => ({ ...action, cases: casesOf(action) })),
  }
}

/** The step without what it does, and on no node; undefined when nothing is left to judge. */
function leftOut(step: Step): Step | undefined {
  if (caseNames(step).length === 0 && step.captures.length === 0) return undefined
  const { node: _, ...rest } = step
  const actions = step.actions.flatMap((action) => {
    const { without } = kindOfAction(action)
    return without === undefined ? [] : [{ ...action, value: without(action.value) }]
  })
  return { ...rest, actions }
}

/** The step without what it does, and all that is claimed of it; undefined when nothing is left to judge. */
export function emptied(step: Step): Step | undefined {
  if (caseNames(step).length === 0 && step.captures.length === 0 && !step.actions.some(isProcess)) return undefined
  const actions = step.actions.flatMap((action) => {
    const { without, instead } = kindOfAction(action)
    if (without !== undefined) return [{ ...action, value: without(action.value) }]
    const isKept = instead !== undefined && (action.cases.length > 0 || isProcess(action))
    return isKept ? [{ ...action, value: instead(action.value, ':') }] : []
  })
  return { ...step, actions }
}

/** What later steps ask of a process they can't ask of one that was never started. */
const isProcess = (action: StepAction): boolean => kindOfAction(action).processOf !== undefined

/** The last commands that the step has: those that it is for. */
const commandsOf = ({ actions }: Step) => actions.findLast((action) => kindOfAction(action).instead !== undefined)

/** The step with other commands in place of those that it is for. */
function replaced(step: Step, commands: string): Step {
  const target = commandsOf(step)
  const actions = step.actions.map((action) =>
    action === target ? { ...action, value: kindOfAction(action).instead?.(action.value, commands) } : action,
  )
  return { ...step, actions }
}
