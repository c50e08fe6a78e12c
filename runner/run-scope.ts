import { join } from 'node:path'
import { announceScope } from './announce-scope.ts'
import type { Beginnings } from './beginnings/shared-beginnings.ts'
import { type BroughtUp, bringUp } from './bring-up.ts'
import { machineryError, messageOf, withRemedy } from './errors.ts'
import { type CaughtBy, type NewEvent, renderDeath, type ScopeFinished } from './events.ts'
import type { ScopeTimes } from './expected-time.ts'
import { makeFolderInside } from './host/file-names.ts'
import type { MemoryShare } from './host/memory-gate.ts'
import type { ProcessorLock } from './host/processor-lock.ts'
import { roomOf } from './host/room.ts'
import type { Image } from './image/image.ts'
import { whatLacks } from './image/lacks.ts'
import { casesBefore, judgeMutant, judgeTrial } from './judge-trial.ts'
import { type Plan, planRun } from './plan.ts'
import type { Testbed } from './providers/provider.ts'
import type { ReadyProvider } from './providers/ready-provider.ts'
import { type Outcome, worstOutcome } from './result.ts'
import type { Scope } from './scopes.ts'
import type { Failure, ScopeEvent } from './steps/scope-context.ts'
import { beginSteps, type StepsResult } from './steps/steps.ts'
import type { HeardOfMachines, HeldMachines } from './watch/held-machines.ts'

/** What a run is made with. */
export interface RunOptions {
  readonly provider: Pick<ReadyProvider, 'bringUp'> & Partial<Pick<ReadyProvider, 'admit'>>
  /** Returns the images of a scope's machines, by their names; those of the provider when left out. */
  imagesOf?(scope: Scope): ReadonlyMap<string, Image>
  /** The results folder; exists. */
  readonly results: string
  /** How many scopes may be up at once. */
  readonly jobs: number
  /** How many of those that measure time, or whose protocols give up early; as many as of the others when left out. */
  readonly jobsInRealTime?: number
  /** How many of those may start machines and be set up at once; one when left out. */
  readonly startsAtOnce?: number
  /** How long scopes took in earlier runs: where several may be up, the longest come first. */
  readonly times?: ScopeTimes
  /** How often a scope with inconclusive cases is tried again, alone, when all others are done; for one, how often yet. */
  readonly retries: number
  /** Once so many scopes have failed, none begins any more, and none is tried again; never when left out. */
  readonly maxFailures?: number
  /** How many bytes may be kept of what the machines of one scope print and send; the usual number when left out. */
  readonly roomBytes?: number
  /** Machines stay up when their scope is done. */
  readonly keep: boolean
  /** Look at the network after each step. */
  readonly observe?: boolean
  readonly signal: AbortSignal
  /** What trials have in common before their mistakes is done once. */
  readonly shares?: boolean
  /** Where that is; without it a scope begins anew, and leaves nothing for others. */
  readonly beginnings?: Beginnings
  /** Where the machines of a single scope stay up between runs of it; without it they end with their run. */
  readonly held?: HeldMachines
  emit(event: NewEvent): void
  /** Called when the first claim of a scope has failed; its steps wait until it has ended. Mutations call nobody. */
  onFailure?(scope: Scope, failure: Failure): Promise<void>
  /** A step of which a claim fails is the last that is done of its scope. */
  readonly haltAtFailure?: boolean
}

/** What came of a scope, or of it and its other tries together. */
export interface Tried extends ScopeResult {
  readonly scope: Scope
  readonly verdicts: ReadonlyMap<string, Outcome>
}

/**
 * Runs one scope in machines of its own, and announces all that happens. Does not throw but what its sink of events
 * throws.
 */
export async function runScope(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<Tried> {
  const startedMs = performance.now()
  const verdicts = new Map<string, Outcome>()
  const emit = (event: ScopeEvent) => {
    if (event.type === 'case-finished') verdicts.set(event.case, event.outcome)
    options.emit({ ...event, scope: scope.name } as NewEvent)
  }
  emit(announceScope(scope, options.imagesOf?.(scope)))
  const known = await judgeInMachines(scope, processors, emit, options)
  // What broke the scope afterwards takes nothing back that the network had said.
  const result = scope.trial ? known : { ...known, outcome: worstOutcome([known.outcome, ...verdicts.values()]) }
  emit({ type: 'scope-finished', ...result, durationMs: performance.now() - startedMs })
  return { scope, ...result, verdicts }
}

/** What became of a scope, whose machines are then gone, or kept. Does not throw: what goes wrong is its result. */
async function judgeInMachines(
  scope: Scope,
  processors: ProcessorLock,
  emit: (event: ScopeEvent) => void,
  options: RunOptions,
): Promise<ScopeResult> {
  const { provider, imagesOf, results, keep, observe = false, signal, roomBytes, held } = options
  const { onFailure, haltAtFailure, beginnings } = options
  const { lab, variant, trial } = scope
  let testbed: Testbed | undefined
  let memory: MemoryShare | undefined
  let result: ScopeResult
  let begun: ScopeFinished['beginning']
  // A machine that is taken away breaks the scope: its steps must not wait for an answer that cannot come.
  const death = new AbortController()
  const heard = listener(scope, emit, death)
  try {
    const plan = planRun(lab.name, variant, scope.image)
    const images = imagesOf?.(scope)
    const lack = images && whyLacking(plan, images)
    if (lack !== undefined) return { outcome: 'skipped', message: lack }
    const folder = makeScopeFolder(results, scope.folder)
    const taken = held?.take(heard)
    // Whoever waited for memory under the lock would keep those from their end who have it.
    if (!taken) memory = await provider.admit?.(plan, signal)
    // The set-up works as hard as the start, and nobody who waits to measure comes in between.
    const steps = await processors.loudly(async () => {
      const ofImages = images === undefined ? {} : { images }
      const scopeOptions = { logs: folder, signal, ...ofImages, ...(held?.hear(heard) ?? heard) }
      const up: BroughtUp = taken ?? (await bringUp(scope, plan, scopeOptions, options))
      memory?.started()
      testbed = up.testbed
      begun = up.begun
      return beginSteps({
        variant,
        testbed,
        folder,
        folderInResults: scope.folder,
        room: roomOf(roomBytes),
        signal: AbortSignal.any([signal, death.signal]),
        processors,
        emit,
        observe,
        ...(held === undefined && !haltAtFailure ? {} : { haltAtFailure: true }),
        ...(trial || !onFailure ? {} : { onFailure: (failure) => onFailure(scope, failure) }),
        ...(up.goOn === undefined ? {} : { goOn: up.goOn }),
        ...(beginnings && { onDone: (steps, context) => beginnings.offer(scope, steps, context) }),
        ...(trial && options.retries > 0 ? { untilDoubt: (name: string) => decides(trial, name) } : {}),
        ...(trial?.mutant ? { untilFailure: true } : {}),
        ...(trial && !trial.mutant ? { goOnFrom: trial.trial.changedAt, untilCases: trial.trial.caughtBy } : {}),
      })
    }, signal)
    const done = await steps.finish()
    // What its run's signal ended once serves no other.
    if (!signal.aborted && testbed) held?.keep(testbed, variant, done)
    result = {
      ...(trial ? judgeTrialResult(trial, done) : judgeScope(done)),
      ...(done.isInDoubt && { isInDoubt: true }),
    }
  } catch (error) {
    // What a machine's death broke says less than the death itself.
    const message = withRemedy(death.signal.aborted ? death.signal.reason : error)
    result = { outcome: 'error', message, ...(signal.aborted ? { interrupted: true } : {}) }
  }
  try {
    if (held?.holds(testbed)) held.rest()
    else if (!keep || signal.aborted) await testbed?.tearDown()
    else await testbed?.detach()
  } catch (error) {
    result = alsoBroken(result, withRemedy(error))
  } finally {
    memory?.end()
  }
  return begun === undefined ? result : { ...result, beginning: begun }
}

/** Emits what is heard of a scope's machines. */
function listener(
  { folder, trial }: Scope,
  emit: (event: ScopeEvent) => void,
  death: AbortController,
): HeardOfMachines {
  return {
    onLost: (file, cause) => emit({ type: 'record-lost', path: join(folder, file), cause: messageOf(cause) }),
    onReady: (machine, durationMs) => emit({ type: 'machine-ready', machine, durationMs }),
    onDeath(machine, died) {
      const { panicked, ...rest } = died
      emit({ type: 'machine-died', machine, ...rest, ...(panicked ? { panicked } : {}) })
      // A panic is the lab's own: it is a case, and what needs that machine breaks by itself.
      if (!panicked || (trial && !trial.mutant)) death.abort(new Error(renderDeath({ machine, ...died })))
    },
  }
}

/** What the images of machines lack of what the lab requires, in words; undefined when they have all of it. */
function whyLacking({ machines }: Plan, images: ReadonlyMap<string, Image>): string | undefined {
  const lacks = machines.flatMap(({ name, requires }) => {
    const image = images.get(name)
    const lack = image && whatLacks(image.manifest, requires)
    return lack === undefined ? [] : [`image ${image?.name} does not do for the lab: ${lack}`]
  })
  return lacks.length === 0 ? undefined : [...new Set(lacks)].join('\n')
}

function makeScopeFolder(results: string, name: string): string {
  try {
    return makeFolderInside(results, name)
  } catch (error) {
    throw machineryError(`cannot make folder ${join(results, name)}: ${messageOf(error)}`, undefined, error)
  }
}

interface ScopeResult {
  readonly outcome: Outcome
  /** A pause that its protocols do not bear may be why a step went wrong: another try may tell more. */
  readonly isInDoubt?: true
  readonly message?: string
  readonly caught?: boolean
  readonly interrupted?: true
  readonly caughtBy?: CaughtBy
  readonly beginning?: NonNullable<ScopeFinished['beginning']>
}

/** A result that something went wrong after. That the network said no stays what it says. */
const alsoBroken = (result: ScopeResult, message: string): ScopeResult => ({
  ...result,
  outcome: worstOutcome([result.outcome, 'error']),
  message: result.message === undefined ? message : `${result.message}\n${message}`,
})

/** A step that broke is an error even when nothing is claimed of it or after it. */
function judgeScope({ verdicts, broken, unsupported }: StepsResult): ScopeResult {
  if (broken !== undefined) return { outcome: worstOutcome(['error', ...verdicts.values()]), message: broken }
  const outcome = worstOutcome([...(unsupported === undefined ? (['passed'] as const) : []), ...verdicts.values()])
  // A verdict says more than what was skipped after it, which has the reason itself.
  return unsupported === undefined || outcome === 'failed' ? { outcome } : { outcome, message: unsupported }
}

/** Whether a trial tells nothing without this case: any of a mutant, of a mutation those of before it and its own. */
const decides = ({ trial, mutant }: NonNullable<Scope['trial']>, name: string): boolean =>
  mutant !== undefined || trial.caughtBy.includes(name) || casesBefore(trial).includes(name)

function judgeTrialResult({ trial, mutant }: NonNullable<Scope['trial']>, done: StepsResult): ScopeResult {
  const { verdicts, unsupported } = done
  if (unsupported !== undefined && !(mutant && [...verdicts.values()].includes('failed')))
    return { outcome: 'skipped', message: unsupported }
  return mutant ? judgeMutant(trial, done) : judgeTrial(trial, verdicts)
}
