import { isDeepStrictEqual } from 'node:util'
import { hasCode, messageOf } from '../errors.ts'
import { noLock } from '../host/processor-lock.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Step } from '../lab/lab.ts'
import { machineClock } from '../providers/machine-clock.ts'
import type { Testbed } from '../providers/provider.ts'
import { type Outcome, worstOutcome } from '../result.ts'
import { announce, eventsOf, kindOfAction } from './actions/index.ts'
import { backgroundOf } from './background/background.ts'
import { liveCaptures } from './captures/live-captures.ts'
import { showFailedUnits } from './crashes/failed-units.ts'
import { judgeCrashes } from './crashes/judge-crashes.ts'
import { impairmentsOf } from './events/impairments.ts'
import { hostTimeMs } from './events/make-happen.ts'
import { judgeCase, skipCases } from './judge-case.ts'
import { phasesOf } from './measurements.ts'
import { nodesOf } from './nodes.ts'
import { realTimeOf } from './real-time.ts'
import { roundTripsOf } from './round-trips.ts'
import type { ScopeContext } from './scope-context.ts'
import type { StepContext } from './step-context.ts'

export interface StepsOptions extends ScopeContext {
  /**
   * From this step on (its index) a script that fails does not end the lab: whoever makes a mistake types on.
   * Without it, every later case is skipped.
   */
  readonly goOnFrom?: number
  /** Steps after the last of these cases are left out. Without it, all steps are run. */
  readonly untilCases?: readonly string[]
  /** No more is done once a case failed or asked a machine that the lab left stopped, or a command went wrong. */
  readonly untilFailure?: boolean
  /** Stop after the step with this name or id. */
  readonly untilStep?: string
  /** Leave the expectations out. */
  readonly onlyDo?: boolean
  /** A step of which a claim fails is the last that is done: who writes the lab looks at it there. */
  readonly haltAtFailure?: boolean
  /** Steps that were done before, in the same machines. */
  readonly goOn?: GoOn
}

/** Where the steps of a variant go on, in machines in which those before were done. */
export interface GoOn {
  /** The first step to do, by its place among the variant's steps. */
  readonly from: number
  /** The commands of that step are done too: only what it claims is judged. */
  readonly claimsOnly: boolean
}

/** Outcomes by case name. A case that is missing was never reached. */
export type Outcomes = ReadonlyMap<string, Outcome>

export interface StepsResult {
  readonly verdicts: Outcomes
  /** Cases that could not be judged because of a state in which the lab itself left a machine. */
  readonly unasked?: ReadonlySet<string>
  /** What went wrong with a step that is no verdict on the network: the steps after it were skipped. */
  readonly broken?: string
  /**
   * The step of which a command or a process went wrong, or that asked what no state allowed, when it was that, and no
   * pause that the lab's protocols do not bear.
   */
  readonly wentWrong?: { readonly step: Step; readonly message: string }
  /** Why the provider could not do a step, so that it and all after it were skipped. */
  readonly unsupported?: string
  /** How many of the variant's steps are done, in these machines; absent when one went wrong, or was not supported. */
  readonly done?: number
  /** A claim of the last of those failed, and the run halted there. */
  readonly halted?: boolean
}

/** Does a variant's steps in order and judges their expectations. Emits all that happens; returns the verdicts. */
export async function runSteps(options: StepsOptions): Promise<StepsResult> {
  const { variant, testbed, signal, untilCases, untilStep } = options
  const addresses = Object.fromEntries(variant.nodes.flatMap(({ name, address }) => (address ? [[name, address]] : [])))
  const until = untilStep === undefined ? undefined : lastCalled(untilStep, variant.steps)
  const clock = machineClock(testbed)
  const nodes = nodesOf(variant, testbed, signal, clock)
  const verdicts = new Map<string, Outcome>()
  const unasked = new Set<string>()
  const context: StepContext = {
    ...options,
    nodes,
    world: { addresses },
    clock,
    realTime: realTimeOf(variant.realTimeMs, clock.waits),
    roundTrips: roundTripsOf(variant),
    captures: liveCaptures(options, nodes),
    background: backgroundOf(options, nodes, clock),
    impairments: impairmentsOf(variant, testbed, signal),
    kept: new Map(),
    verdicts,
    unasked,
  }
  try {
    let broken: Broken | undefined
    const hasFailed = () => options.untilFailure === true && (broken !== undefined || hasFailure(context))
    let [unsupported, halted]: [string?, string?] = []
    let [reached, done] = [0, options.goOn?.from ?? 0]
    const isLast = (step: Step) => step === until || untilCases?.every((caseName) => verdicts.has(caseName)) === true
    /** Returns whether the last step that is wanted was among them. */
    const doSteps = async (steps: readonly Step[], inTurn: StepContext): Promise<boolean> => {
      for (const step of steps) {
        signal.throwIfAborted()
        const place = reached++
        const isDone = place < (options.goOn?.from ?? 0)
        if (!isDone) unsupported ??= whyUnsupported(step, testbed)
        if (isDone) skipStep(step, doneBefore, inTurn)
        else if (unsupported !== undefined) skipStep(step, unsupported, inTurn)
        else if (broken !== undefined) skipCases(step, broken.reason, inTurn)
        else if (halted !== undefined) skipStep(step, halted, inTurn)
        else {
          broken = await runStep(leftToDo(step, place, options), options, inTurn)
          done = reached
          if (options.haltAtFailure) halted = whyHalted(step, inTurn)
        }
        if (isLast(step) || hasFailed()) return true
      }
      return false
    }
    await context.impairments.begin()
    for (const { steps, measures } of phasesOf(variant.steps)) {
      // Who has a turn takes no other: it would wait behind those that wait for this one's end.
      const isEnd = measures
        ? await context.processors.shared(
            () => doSteps(steps, { ...context, processors: noLock, sceneMs: hostTimeMs() }),
            signal,
          )
        : await doSteps(steps, context)
      if (isEnd) break
    }
    // Whoever looks at a part only does not ask how all of it went.
    if (untilCases === undefined && untilStep === undefined && !options.onlyDo && !hasFailed())
      await judgeCrashes(variant, context)
    await context.captures.endAll()
    return { verdicts, unasked, ...endOf(broken, unsupported, { done, halted: halted !== undefined }) }
  } finally {
    context.background.close()
    clock.end()
  }
}

/** The last of the steps of this name or id that come of one entry of a file, which several may include. */
function lastCalled(word: string, steps: readonly Step[]): Step | undefined {
  const called = steps.filter(({ name, id }) => name === word || id === word)
  return called.findLast(({ source }) => isDeepStrictEqual(source, called[0]?.source))
}

/** Why the steps came to no end, or else what they came to. */
function endOf(
  broken: Broken | undefined,
  unsupported: string | undefined,
  end: Required<Pick<StepsResult, 'done' | 'halted'>>,
): Omit<StepsResult, 'verdicts'> {
  if (broken === undefined && unsupported === undefined) return end
  return {
    ...(broken === undefined ? {} : { broken: broken.reason }),
    ...(broken?.wentWrong === undefined ? {} : { wentWrong: broken.wentWrong }),
    ...(unsupported === undefined ? {} : { unsupported }),
  }
}

/** The step, or what is claimed of it, where its commands were done before. */
const leftToDo = (step: Step, place: number, { goOn }: StepsOptions): Step =>
  goOn?.claimsOnly && place === goOn.from ? { ...step, actions: [] } : step

const doneBefore = 'it was done before, in the same machines'

function whyHalted(step: Step, { verdicts }: StepContext): string | undefined {
  const hasFailed = caseNames(step).some((name) => verdicts.get(name) === 'failed')
  return hasFailed ? `step "${step.name}" failed: the run halted there` : undefined
}

/** Why the provider cannot do what a step says: make an event happen, or capture at a cable. */
function whyUnsupported(step: Step, testbed: Testbed): string | undefined {
  const reasons = eventsOf(step).map((event) => testbed.unsupported(event))
  const isOnCable = step.captures.some(({ where }) => where === 'cable')
  return [...reasons, isOnCable ? testbed.noCaptures : undefined].find((reason) => reason !== undefined)
}

/** Skips a step that the provider can't do, or that comes after one. */
function skipStep(step: Step, reason: string, context: StepContext): void {
  const { emit } = context
  emit({ type: 'step-started', step: step.index, name: step.name })
  skipCases(step, reason, context)
  emit({ type: 'step-finished', step: step.index, outcome: 'skipped', message: reason, durationMs: 0 })
}

/** Why the steps after one make no sense. */
interface Broken {
  readonly reason: string
  readonly wentWrong?: StepsResult['wentWrong']
}

const hasFailure = ({ verdicts, unasked }: Pick<StepContext, 'verdicts' | 'unasked'>): boolean =>
  unasked.size > 0 || [...verdicts.values()].includes('failed')

/** Runs one step. Returns a reason when the steps after it make no sense. */
async function runStep(step: Step, options: StepsOptions, context: StepContext): Promise<Broken | undefined> {
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
    ...(step.node === undefined ? {} : { node: step.node }),
    ...announce(step),
  })
  try {
    await captures.start(step.index, step.captures)
    const trouble = await doActions(step, context)
    await captures.settle()
    if (step.actions.length > 0) context.roundTrips.forget()
    const goOn = options.goOnFrom !== undefined && step.index >= options.goOnFrom
    if (trouble !== undefined && !goOn) {
      await showFailedUnits(step, context)
      finish('error', trouble)
      skipCases(step, trouble, context)
      const reason = `step "${step.name}" went wrong`
      return realTime.whyUnsure() === undefined ? { reason, wentWrong: { step, message: trouble } } : { reason }
    }
    const judgedFromMs = hostTimeMs()
    for (const expectation of options.onlyDo ? [] : step.expectations) {
      if (options.untilFailure && hasFailure(context)) break
      await judgeCase(step, expectation, context)
    }
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

/** Does what a step says, in order. Returns words when something went wrong that should not. */
async function doActions(step: Step, context: StepContext): Promise<string | undefined> {
  for (const action of step.actions) {
    const kind = kindOfAction(action)
    const trouble = await kind.perform(action, step, context)
    if (trouble !== undefined) return trouble
    if (kind.needsNode && step.node !== undefined)
      await context.impairments.follow(context.nodes.machineOf(step.node).name)
  }
  return undefined
}
