import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import { announceScope } from './announce-scope.ts'
import { machineryError, messageOf, withRemedy } from './errors.ts'
import { type CaughtBy, type NewEvent, renderDeath } from './events.ts'
import { makeFolderInside } from './host/file-names.ts'
import type { MemoryShare } from './host/memory-gate.ts'
import { makeProcessorLock, noLock, type ProcessorLock } from './host/processor-lock.ts'
import { roomOf } from './host/room.ts'
import { judgeMutant, judgeTrial } from './judge-trial.ts'
import { planRun } from './plan.ts'
import type { Testbed } from './providers/provider.ts'
import type { ReadyProvider } from './providers/ready-provider.ts'
import { joinedOutcome, mutantOutcome, type Outcome, worstOutcome } from './result.ts'
import { type Scope, scopeToRetry } from './scopes.ts'
import { stepMeasuresTime } from './steps/actions/index.ts'
import type { ScopeEvent } from './steps/scope-context.ts'
import { runSteps, type StepsResult } from './steps/steps.ts'

export interface RunOptions {
  readonly provider: Pick<ReadyProvider, 'bringUp'> & Partial<Pick<ReadyProvider, 'admit'>>
  /** The results folder; exists. */
  readonly results: string
  /** How many scopes may be up at once. */
  readonly jobs: number
  /** How often a scope with inconclusive cases is tried again, alone, when all others are done. */
  readonly retries: number
  /** How many bytes may be kept of what the machines of one scope print and send; the usual number when left out. */
  readonly roomBytes?: number
  /** Machines stay up when their scope is done. */
  readonly keep: boolean
  readonly signal: AbortSignal
  emit(event: NewEvent): void
}

/**
 * Runs scopes, each in machines of its own, at most `jobs` at once; those that measure time after all others. While
 * one of them measures, no machines are started beside it. Those with inconclusive cases are then tried again, each
 * alone. Returns the worst outcome.
 * When the signal is aborted all machines are ended first, then its reason is thrown. What breaks a scope is that
 * scope's error and is not thrown; what its sink of events throws is, when all scopes that had begun are at their end.
 */
export async function runScopes(scopes: readonly Scope[], options: RunOptions): Promise<Outcome> {
  const tried: (readonly Tried[])[] = []
  const errors: unknown[] = []
  const runAll = async (chosen: readonly Scope[], processors: ProcessorLock) => {
    const waiting = [...chosen]
    const worker = async () => {
      while (!options.signal.aborted && errors.length === 0) {
        const scope = waiting.shift()
        if (scope === undefined) return
        await runUntilCaught(scope, processors, options).then(
          (all) => tried.push(all),
          (error) => errors.push(error),
        )
      }
    }
    await Promise.all(Array.from({ length: Math.min(options.jobs, chosen.length) }, worker))
  }
  await runAll(
    scopes.filter((scope) => !measuresTime(scope)),
    noLock,
  )
  await runAll(scopes.filter(measuresTime), makeProcessorLock())
  const outcomes: Outcome[] = []
  for (const all of tried) outcomes.push(await settle(all, errors, options))
  options.signal.throwIfAborted()
  if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('\n'))
  if (errors.length > 0) throw errors[0]
  return worstOutcome(outcomes)
}

/** What came of a scope, or of it and its other tries together. */
interface Tried extends ScopeResult {
  readonly scope: Scope
  readonly verdicts: ReadonlyMap<string, Outcome>
}

/** Runs a scope, and a mutant in its further variants until one catches it. Returns what came of each. */
async function runUntilCaught(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<readonly Tried[]> {
  const all: Tried[] = []
  for (const one of [scope, ...(scope.otherwise ?? [])]) {
    if (options.signal.aborted || all.some(({ caught }) => caught)) break
    all.push(await runScope(one, processors, options))
  }
  return all
}

/** Tries again what was inconclusive. Returns the outcome of a scope, or of a mutant in all its variants. */
async function settle(all: readonly Tried[], errors: readonly unknown[], options: RunOptions): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const one of all) {
    const isCaught = all.some(({ caught }) => caught) || outcomes.includes('passed')
    const isMutant = one.scope.trial?.mutant !== undefined
    outcomes.push((isMutant && isCaught ? one : await tryAgain(one, errors, options)).outcome)
  }
  const mutant = all[0]?.scope.trial?.mutant
  return mutant === undefined ? worstOutcome(outcomes) : mutantOutcome(outcomes, mutant.survives !== undefined)
}

/** Tries a scope again while a case of it is inconclusive and tries are left. Returns what came of all tries. */
async function tryAgain(first: Tried, errors: readonly unknown[], options: RunOptions): Promise<Tried> {
  let known = first
  for (let attempt = 2; attempt <= options.retries + 1 && isInconclusive(known); attempt++) {
    if (options.signal.aborted || errors.length > 0) break
    known = joinTries(known, await runScope(scopeToRetry(first.scope, attempt), noLock, options))
  }
  return known
}

/** Whether another try may tell more. Of a mutation only what became of it counts. */
const isInconclusive = ({ scope, outcome, verdicts }: Tried) =>
  [...verdicts.values()].includes('error') && (scope.trial === undefined || outcome === 'error')

function joinTries(known: Tried, next: Tried): Tried {
  if (known.scope.trial)
    return joinedOutcome('error', next.outcome) === 'error' ? known : { ...next, scope: known.scope }
  const verdicts = new Map(known.verdicts)
  for (const [name, outcome] of next.verdicts) {
    const before = known.verdicts.get(name)
    if (before !== undefined || outcome === 'failed') verdicts.set(name, joinedOutcome(before ?? 'skipped', outcome))
  }
  const whole = known.outcome === 'error' && known.message !== undefined ? 'error' : 'passed'
  return { ...known, verdicts, outcome: worstOutcome([whole, ...verdicts.values()]) }
}

/** What works hard beside a measured outage would lengthen it. Machines that wait for timers do not. */
const measuresTime = ({ variant, otherwise = [] }: Scope): boolean =>
  [variant, ...otherwise.map((other) => other.variant)].some(({ steps }) =>
    steps.some(
      (step) =>
        stepMeasuresTime(step) || step.expectations.some(({ assertion }) => assertions[assertion]?.measuresTime),
    ),
  )

async function runScope(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<Tried> {
  const startedMs = performance.now()
  const verdicts = new Map<string, Outcome>()
  const emit = (event: ScopeEvent) => {
    if (event.type === 'case-finished') verdicts.set(event.case, event.outcome)
    options.emit({ ...event, scope: scope.name } as NewEvent)
  }
  emit(announceScope(scope))
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
  { provider, results, keep, signal, roomBytes }: RunOptions,
): Promise<ScopeResult> {
  const { lab, variant, trial } = scope
  let testbed: Testbed | undefined
  let memory: MemoryShare | undefined
  let result: ScopeResult
  // A machine that is taken away breaks the scope: its steps must not wait for an answer that cannot come.
  const death = new AbortController()
  try {
    const folder = makeScopeFolder(results, scope.folder)
    const plan = planRun(lab.name, variant)
    // Whoever waited for memory under the lock would keep those from their end who have it.
    memory = await provider.admit?.(plan, signal)
    testbed = await processors.exclusively(
      () =>
        provider.bringUp(plan, {
          logs: folder,
          signal,
          onLost: (file, cause) =>
            emit({ type: 'record-lost', path: join(scope.folder, file), cause: messageOf(cause) }),
          onReady: (machine, durationMs) => emit({ type: 'machine-ready', machine, durationMs }),
          onDeath(machine, died) {
            const { panicked, ...rest } = died
            emit({ type: 'machine-died', machine, ...rest, ...(panicked ? { panicked } : {}) })
            // A panic is the lab's own: it is a case, and what needs that machine breaks by itself.
            if (!panicked || (trial && !trial.mutant)) death.abort(new Error(renderDeath({ machine, ...died })))
          },
        }),
      signal,
    )
    memory?.started()
    const done = await runSteps({
      variant,
      testbed,
      folder,
      folderInResults: scope.folder,
      room: roomOf(roomBytes),
      signal: AbortSignal.any([signal, death.signal]),
      processors,
      emit,
      ...(trial?.mutant ? { untilFailure: true } : {}),
      ...(trial && !trial.mutant ? { goOnFrom: trial.trial.changedAt, untilCases: trial.trial.caughtBy } : {}),
    })
    result = trial ? judgeTrialResult(trial, done) : judgeScope(done)
  } catch (error) {
    // What a machine's death broke says less than the death itself.
    const message = withRemedy(death.signal.aborted ? death.signal.reason : error)
    result = { outcome: 'error', message, ...(signal.aborted ? { interrupted: true } : {}) }
  }
  try {
    if (!keep || signal.aborted) await testbed?.tearDown()
    else testbed?.detach()
  } catch (error) {
    return alsoBroken(result, withRemedy(error))
  } finally {
    memory?.end()
  }
  return result
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
  readonly message?: string
  readonly caught?: boolean
  readonly interrupted?: true
  readonly caughtBy?: CaughtBy
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

function judgeTrialResult({ trial, mutant }: NonNullable<Scope['trial']>, done: StepsResult): ScopeResult {
  const { verdicts, unsupported } = done
  if (unsupported !== undefined && !(mutant && [...verdicts.values()].includes('failed')))
    return { outcome: 'skipped', message: unsupported }
  return mutant ? judgeMutant(trial, done) : judgeTrial(trial, verdicts)
}
