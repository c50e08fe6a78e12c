import { isDeepStrictEqual } from 'node:util'
import { hostNowMs } from '../host/host-now.ts'
import { noLock } from '../host/processor-lock.ts'
import { caseNames } from '../lab/case-names.ts'
import type { Step } from '../lab/lab.ts'
import { readNetwork } from '../network/read-network.ts'
import type { Outcome } from '../result.ts'
import { judgeCrashes } from './crashes/judge-crashes.ts'
import { type Broken, type DoStepOptions, doStep, isEnough, leaveOut, whyUnsupported } from './do-step.ts'
import { skipCases } from './judge-case.ts'
import { bearsNoStart, type Phase, phasesOf } from './measurements.ts'
import { openSteps } from './open-steps.ts'
import { restoreScope, type SavedScope } from './saved-steps.ts'
import type { ScopeContext } from './scope-context.ts'
import type { StepContext } from './step-context.ts'

export interface StepsOptions extends ScopeContext, DoStepOptions {
  /** Steps after the last of these cases are left out. Without it, all steps are run. */
  readonly untilCases?: readonly string[]
  /** Stop after the step with this name or id. */
  readonly untilStep?: string
  /** A step of which a claim fails is the last that is done: who writes the lab looks at it there. */
  readonly haltAtFailure?: boolean
  /** Look at the network after each step, but not while something is measured. */
  readonly observe?: boolean
  /** Steps that were done before, in the same machines or in others that these go on as. */
  readonly goOn?: GoOn
  /** Called when a step is done, how many are; not while something is measured. */
  onDone?(done: number, context: StepContext): Promise<void>
}

/** Where the steps of a variant go on, in machines in which those before were done. */
export interface GoOn {
  /** The first step to do, by its place among the variant's steps. */
  readonly from: number
  /** The commands of that step are done too: only what it claims is judged. */
  readonly claimsOnly: boolean
  /** What they left, where that was in another scope; the name of that. */
  readonly saved?: SavedScope & { readonly scope: string }
}

/** Outcomes by case name. A case that is missing was never reached. */
export type Outcomes = ReadonlyMap<string, Outcome>

export interface StepsResult {
  readonly verdicts: Outcomes
  /** Cases that could not be judged because of a state in which the lab itself left a machine. */
  readonly unasked?: ReadonlySet<string>
  /** What went wrong with a step that is no verdict on the network: the steps after it were skipped. */
  readonly broken?: string
  readonly wentWrong?: Broken['wentWrong']
  readonly isInDoubt?: Broken['isInDoubt']
  /** Why the provider could not do a step, or that can't be tried here, so that it and all after it were skipped. */
  readonly unsupported?: string
  /** How many of the variant's steps are done, in these machines; absent when one went wrong, or was not supported. */
  readonly done?: number
  /** A claim of the last of those failed, and the run halted there. */
  readonly halted?: boolean
}

/** Steps of which the set-up is done. */
export interface BegunSteps {
  /** Does the rest and judges it, and ends what watches. Returns the verdicts. To be called once. */
  finish(): Promise<StepsResult>
}

/** Does a variant's steps in order and judges their expectations. Emits all that happens; returns the verdicts. */
export async function runSteps(options: StepsOptions): Promise<StepsResult> {
  return (await beginSteps(options)).finish()
}

/** Does the set-up of a variant: to be called where working hard is allowed, for it waits for no turn. */
export async function beginSteps(options: StepsOptions): Promise<BegunSteps> {
  const { variant, testbed, signal, untilCases, untilStep, processors } = options
  const until = untilStep === undefined ? undefined : lastCalled(untilStep, variant.steps)
  const { context, close } = openSteps(options)
  const { verdicts, unasked } = context
  let broken: Broken | undefined
  const wasEnough = () => isEnough(options, context) || (options.untilFailure === true && broken !== undefined)
  let [unsupported, halted]: [string?, string?] = []
  const from = options.goOn?.from ?? 0
  let [reached, done] = [from, from]
  let isEnd = false
  const isLast = (step: Step) => step === until || untilCases?.every((caseName) => verdicts.has(caseName)) === true
  const doSteps = async (steps: readonly Step[], inTurn: StepContext, measures: boolean) => {
    for (const step of steps) {
      signal.throwIfAborted()
      const place = reached++
      unsupported ??= whyUnsupported(step, testbed)
      if (unsupported !== undefined) skipStep(step, unsupported, inTurn)
      else if (broken !== undefined) leaveOut(step, broken, inTurn)
      else if (halted !== undefined) skipStep(step, halted, inTurn)
      else {
        broken = await doStep(leftToDo(step, place, options), options, inTurn)
        if (broken?.isUntried) [unsupported, broken] = [broken.reason, undefined]
        done = reached
        if (options.observe && !(measures && step !== steps.at(-1))) await observe(step, inTurn)
        if (options.haltAtFailure) halted = whyHalted(step, inTurn)
      }
      isEnd = isLast(step) || wasEnough()
      if (isEnd) return
      if (!measures) await tellDone(inTurn)
    }
  }
  const tellDone = async (inTurn: StepContext) => {
    if (done === reached && broken === undefined && unsupported === undefined) await options.onDone?.(done, inTurn)
  }
  // Who has a turn takes no other: it would wait behind those that wait for this one's end.
  const inTurn = { ...context, processors: noLock }
  const doPhase = async ({ kind, steps }: Phase, outside: StepContext) => {
    const left = steps.filter((step) => variant.steps.indexOf(step) >= from)
    if (left.length === 0) return
    if (kind !== 'measurement') return doSteps(left, outside, false)
    await outside.processors.quietly(() => doSteps(left, { ...inTurn, sceneMs: hostNowMs() }, true), signal)
    if (!isEnd) await tellDone(outside)
  }
  const phases = phasesOf(variant.steps)
  const setUp = async () => {
    for (const step of variant.steps.slice(0, from)) skipStep(step, doneBefore(options.goOn), context)
    const saved = options.goOn?.saved
    if (saved === undefined) await context.impairments.begin()
    else restoreScope(context, saved)
    for (const phase of phases) if (phase.kind === 'set-up') await doPhase(phase, inTurn)
  }
  const doRest = async (outside: StepContext): Promise<StepsResult> => {
    for (const phase of phases) if (phase.kind !== 'set-up' && !isEnd) await doPhase(phase, outside)
    // Whoever looks at a part only does not ask how all of it went.
    if (untilCases === undefined && untilStep === undefined && !options.onlyDo && !wasEnough())
      await judgeCrashes(variant, context)
    await context.captures.endAll()
    return { verdicts, unasked, ...endOf(broken, unsupported, { done, halted: halted !== undefined }) }
  }
  await setUp().catch((error: unknown) => {
    close()
    throw error
  })
  return {
    finish: () =>
      (bearsNoStart(variant) ? processors.quietly(() => doRest(inTurn), signal) : doRest(context)).finally(close),
  }
}

async function observe({ index }: Step, { variant, testbed, signal, emit }: StepContext): Promise<void> {
  emit({ type: 'network-observed', step: index, machines: await readNetwork(variant, testbed, signal) })
}

/** The last of the steps of this name or id that come of one entry of a file, which several may include. */
export function lastCalled(word: string, steps: readonly Step[]): Step | undefined {
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
    ...(broken?.isInDoubt === undefined ? {} : { isInDoubt: broken.isInDoubt }),
    ...(unsupported === undefined ? {} : { unsupported }),
  }
}

/** The step, or what is claimed of it, where its commands were done before. */
const leftToDo = (step: Step, place: number, { goOn }: StepsOptions): Step =>
  goOn?.claimsOnly && place === goOn.from ? { ...step, actions: [] } : step

const doneBefore = ({ saved }: Partial<GoOn> = {}) =>
  saved === undefined
    ? 'it was done before, in the same machines'
    : `it was done and judged once for several trials, in ${saved.scope}`

function whyHalted(step: Step, { verdicts }: StepContext): string | undefined {
  const hasFailed = caseNames(step).some((name) => verdicts.get(name) === 'failed')
  return hasFailed ? `step "${step.name}" failed: the run halted there` : undefined
}

/** Skips a step that the provider can't do, or that comes after one. */
function skipStep(step: Step, reason: string, context: StepContext): void {
  const { emit } = context
  emit({ type: 'step-started', step: step.index, name: step.name })
  skipCases(step, reason, context)
  emit({ type: 'step-finished', step: step.index, outcome: 'skipped', message: reason, durationMs: 0 })
}
