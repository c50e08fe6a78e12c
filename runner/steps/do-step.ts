import { hasCode, messageOf } from '../errors.ts'
import { hostNowMs } from '../host/host-now.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Expectation, Step } from '../lab/lab.ts'
import type { Testbed } from '../providers/provider.ts'
import { type Outcome, worstOutcome } from '../result.ts'
import type { Untried } from './actions/action.ts'
import { announce, eventsOf, kindOfAction } from './actions/index.ts'
import { showFailedUnits } from './crashes/failed-units.ts'
import { nodeAsked } from './expectations.ts'
import { judgeCase, skipCases } from './judge-case.ts'
import type { StepContext } from './step-context.ts'
import { withKept } from './with-kept.ts'

/** How much of a step is done, and what ends it. */
export interface DoStepOptions {
  /**
   * From this step on (its index) a script that fails does not end the lab: whoever makes a mistake types on.
   * Without it, every later case is skipped.
   */
  readonly goOnFrom?: number
  /** No more is done once a case failed or asked a machine that the lab left stopped, or a command went wrong. */
  readonly untilFailure?: boolean
  /** Nor once a pause of a machine kept one of these cases from being judged: there is another try. */
  readonly untilDoubt?: (caseName: string) => boolean
  /** Leave the expectations out. */
  readonly onlyDo?: boolean
}

/** Why the steps after one make no sense. */
export interface Broken {
  readonly reason: string
  /** Nothing broke: the step says that it can't be tried here. */
  readonly isUntried?: true
  /** A pause that the lab's protocols do not bear came before it, and may be why. */
  readonly isInDoubt?: true
  /**
   * The step of which a command or a process went wrong, or that asked what no state allowed, when it was that, and not
   * in doubt.
   */
  readonly wentWrong?: { readonly step: Step; readonly message: string }
}

/** Does one step. Returns a reason when the steps after it make no sense. @throws the signal's reason when aborted */
export async function doStep(step: Step, options: DoStepOptions, context: StepContext): Promise<Broken | undefined> {
  const { emit, signal, captures, verdicts, realTime } = context
  const startedMs = performance.now()
  const finish = (outcome: Outcome, message?: string) =>
    emit({
      type: 'step-finished',
      step: step.index,
      outcome,
      ...(message === undefined ? {} : { message, file: step.source.file, line: step.source.line }),
      durationMs: performance.now() - startedMs,
    })
  emit({
    type: 'step-started',
    step: step.index,
    name: step.name,
    ...(step.why === undefined ? {} : { why: step.why }),
    ...(step.question === undefined ? {} : { question: step.question }),
    ...(step.answer === undefined ? {} : { answer: step.answer }),
    ...(step.node === undefined ? {} : { node: step.node }),
    ...announce(step),
  })
  try {
    await captures.start(step.index, step.captures)
    const before = hasFailed(context)
    const trouble = await doActions(step, context)
    if (!before) await tellFailure(step, context)
    await captures.settle()
    if (typeof trouble === 'object') {
      finish('skipped', trouble.why)
      skipCases(step, trouble.why, context)
      return { reason: trouble.why, isUntried: true }
    }
    if (step.actions.length > 0) context.roundTrips.forget()
    const goOn = options.goOnFrom !== undefined && step.index >= options.goOnFrom
    if (trouble !== undefined && !goOn) {
      await showFailedUnits(step, context)
      finish('error', trouble)
      const reason = `step "${step.name}" went wrong`
      const unsure = realTime.whyUnsure()
      const broken: Broken =
        unsure === undefined
          ? { reason, wentWrong: { step, message: trouble } }
          : { reason: `${reason}, but ${unsure}`, isInDoubt: true }
      leaveOut(step, { ...broken, reason: trouble }, context)
      return broken
    }
    const judgedFromMs = hostNowMs()
    if (!options.onlyDo) await judgeClaims(step, context, () => isEnough(options, context))
    await captures.endDue(step.index)
    const outcomes = caseNames(step).map((name) => verdicts.get(name) ?? 'skipped')
    const outcome = worstOutcome([trouble === undefined ? 'passed' : 'error', ...outcomes])
    if (outcome === 'passed' && step.expectations.length > 0 && !options.onlyDo) realTime.provedRight(judgedFromMs)
    finish(outcome, trouble)
    return undefined
  } catch (error) {
    if (signal.aborted) throw error
    const message = messageOf(error)
    finish('error', message)
    skipCases(step, message, context)
    return {
      reason: `step "${step.name}" broke: ${message}`,
      ...(hasCode(error, 'wrong-state') ? { wentWrong: { step, message } } : {}),
    }
  }
}

/** Ends the cases of a step that makes no sense, or broke: skipped, or inconclusive where another try may tell more. */
export const leaveOut = (step: Step, { reason, isInDoubt }: Broken, context: StepContext): void =>
  skipCases(step, reason, context, isInDoubt ? 'error' : 'skipped')

/** Does what a step says, in order. Returns words when something went wrong that should not, or why it can't be tried. */
async function doActions(step: Step, context: StepContext): Promise<string | Untried | undefined> {
  for (const action of step.actions) {
    const kind = kindOfAction(action)
    const trouble = await kind.perform(action, step, context)
    if (trouble !== undefined) return trouble
    if (kind.needsNode && step.node !== undefined)
      await context.impairments.follow(context.nodes.machineOf(step.node).name)
  }
  return undefined
}

/** Judges what is expected of a step, until it is enough. @throws the signal's reason when aborted */
export async function judgeClaims(step: Step, context: StepContext, isEnough = () => false): Promise<void> {
  for (const expectation of step.expectations) {
    if (isEnough()) return
    const before = hasFailed(context)
    await judgeCase(step, expectation, context)
    if (!before) await tellFailure(step, context, expectation)
  }
}

const hasFailed = ({ verdicts }: Pick<StepContext, 'verdicts'>) => [...verdicts.values()].includes('failed')

/** Tells of the first case that failed, if one has: which node was asked, or that of the step, or any. */
async function tellFailure(step: Step, context: StepContext, expectation?: Expectation): Promise<void> {
  const { variant, world, kept, verdicts } = context
  const failed = caseNames(step).find((name) => verdicts.get(name) === 'failed')
  if (failed === undefined || context.onFailure === undefined) return
  const asked = expectation && nodeAsked(withKept(expectation, kept), world)
  const node = asked ?? step.node ?? variant.nodes[0]?.name ?? ''
  await context.onFailure({ step, caseName: failed, node, context })
}

/** Whether a case has failed, or asked a machine that the lab left stopped. */
export const hasFailure = ({ verdicts, unasked }: Pick<StepContext, 'verdicts' | 'unasked'>): boolean =>
  unasked.size > 0 || hasFailed({ verdicts })

/** Whether what the cases so far came to is all that is wanted. */
export const isEnough = (
  { untilFailure = false, untilDoubt }: DoStepOptions,
  context: Pick<StepContext, 'verdicts' | 'unasked' | 'realTime'>,
): boolean =>
  (untilFailure && hasFailure(context)) ||
  (untilDoubt !== undefined &&
    [...context.verdicts].some(([name, outcome]) => outcome === 'error' && untilDoubt(name)) &&
    context.realTime.whyUnsure() !== undefined)

/** Why the provider cannot do what a step says: make an event happen, or capture at a cable. */
export function whyUnsupported(step: Step, testbed: Testbed): string | undefined {
  const reasons = eventsOf(step).map((event) => testbed.unsupported(event))
  const isOnCable = step.captures.some(({ where }) => where === 'cable')
  return [...reasons, isOnCable ? testbed.noCaptures : undefined].find((reason) => reason !== undefined)
}
