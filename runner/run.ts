import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import { announceScope } from './announce-scope.ts'
import { machineryError, messageOf, withRemedy } from './errors.ts'
import type { NewEvent } from './events.ts'
import { makeProcessorLock, noLock, type ProcessorLock } from './host/processor-lock.ts'
import { judgeTrial } from './judge-trial.ts'
import type { Trial } from './lab/lab.ts'
import { planRun } from './plan.ts'
import type { Testbed } from './providers/provider.ts'
import type { ReadyProvider } from './providers/ready-provider.ts'
import { type Outcome, worstOutcome } from './result.ts'
import type { Scope } from './scopes.ts'
import { stepMeasuresTime } from './steps/actions/index.ts'
import type { ScopeEvent } from './steps/scope-context.ts'
import { runSteps, type StepsResult } from './steps/steps.ts'

export interface RunOptions {
  readonly provider: Pick<ReadyProvider, 'bringUp'>
  /** The results folder; exists. */
  readonly results: string
  /** How many scopes may be up at once. */
  readonly jobs: number
  /** Machines stay up when their scope is done. */
  readonly keep: boolean
  readonly signal: AbortSignal
  emit(event: NewEvent): void
}

/**
 * Runs scopes, each in machines of its own, at most `jobs` at once; those that measure time after all others. While
 * one of them measures, no machines are started beside it. Returns the worst outcome.
 * When the signal is aborted all machines are ended first, then its reason is thrown. What breaks a scope is that
 * scope's error and is not thrown; what its sink of events throws is, when all scopes that had begun are at their end.
 */
export async function runScopes(scopes: readonly Scope[], options: RunOptions): Promise<Outcome> {
  const outcomes: Outcome[] = []
  const errors: unknown[] = []
  const runAll = async (chosen: readonly Scope[], processors: ProcessorLock) => {
    const waiting = [...chosen]
    const worker = async () => {
      while (!options.signal.aborted && errors.length === 0) {
        const scope = waiting.shift()
        if (scope === undefined) return
        await runScope(scope, processors, options).then(
          (outcome) => outcomes.push(outcome),
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
  options.signal.throwIfAborted()
  if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('\n'))
  if (errors.length > 0) throw errors[0]
  return worstOutcome(outcomes)
}

/** What works hard beside a measured outage would lengthen it. Machines that wait for timers do not. */
const measuresTime = ({ variant }: Scope) =>
  variant.steps.some(
    (step) => stepMeasuresTime(step) || step.expectations.some(({ assertion }) => assertions[assertion]?.measuresTime),
  )

async function runScope(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<Outcome> {
  const startedMs = performance.now()
  const judged: Outcome[] = []
  const emit = (event: ScopeEvent) => {
    if (event.type === 'case-finished') judged.push(event.outcome)
    options.emit({ ...event, scope: scope.name } as NewEvent)
  }
  emit(announceScope(scope))
  const known = await judgeInMachines(scope, processors, emit, options)
  // What broke the scope afterwards takes nothing back that the network had said.
  const result = scope.trial ? known : { ...known, outcome: worstOutcome([known.outcome, ...judged]) }
  emit({ type: 'scope-finished', ...result, durationMs: performance.now() - startedMs })
  return result.outcome
}

/** What became of a scope, whose machines are then gone, or kept. Does not throw: what goes wrong is its result. */
async function judgeInMachines(
  scope: Scope,
  processors: ProcessorLock,
  emit: (event: ScopeEvent) => void,
  { provider, results, keep, signal }: RunOptions,
): Promise<ScopeResult> {
  const { lab, variant, trial } = scope
  let testbed: Testbed | undefined
  let result: ScopeResult
  // A machine that dies breaks the scope: its steps must not wait for an answer that cannot come.
  const death = new AbortController()
  try {
    const folder = makeScopeFolder(join(results, scope.folder))
    testbed = await processors.exclusively(() =>
      provider.bringUp(planRun(lab.name, variant), {
        logs: folder,
        signal,
        onReady: (machine, durationMs) => emit({ type: 'machine-ready', machine, durationMs }),
        onDeath(machine, reason, consoleTail) {
          emit({ type: 'machine-died', machine, reason, consoleTail })
          death.abort(new Error(`machine ${machine} died: ${reason}`))
        },
      }),
    )
    const done = await runSteps({
      variant,
      testbed,
      folder,
      folderInResults: scope.folder,
      signal: AbortSignal.any([signal, death.signal]),
      processors,
      emit,
      ...(trial ? { goOnFrom: trial.trial.changedAt, untilCases: trial.trial.caughtBy } : {}),
    })
    result = trial ? judgeTrialResult(trial.trial, done) : judgeScope(done)
  } catch (error) {
    // What a machine's death broke says less than the death itself.
    result = { outcome: 'error', message: withRemedy(death.signal.aborted ? death.signal.reason : error) }
  }
  try {
    if (!keep || signal.aborted) await testbed?.tearDown()
    else testbed?.detach()
  } catch (error) {
    return alsoBroken(result, withRemedy(error))
  }
  return result
}

function makeScopeFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw machineryError(`cannot make folder ${folder}: ${messageOf(error)}`, undefined, error)
  }
  return folder
}

interface ScopeResult {
  readonly outcome: Outcome
  readonly message?: string
  readonly caught?: boolean
}

/** A result that something went wrong after. That the network said no stays what it says. */
const alsoBroken = (result: ScopeResult, message: string): ScopeResult => ({
  ...result,
  outcome: worstOutcome([result.outcome, 'error']),
  message: result.message === undefined ? message : `${result.message}\n${message}`,
})

/** A step that broke is an error even when nothing is claimed of it or after it. */
function judgeScope({ verdicts, broken, unsupported }: StepsResult): ScopeResult {
  if (broken !== undefined) return { outcome: 'error', message: broken }
  const outcome = worstOutcome([...(unsupported === undefined ? (['passed'] as const) : []), ...verdicts.values()])
  // A verdict says more than what was skipped after it, which has the reason itself.
  return unsupported === undefined || outcome === 'failed' ? { outcome } : { outcome, message: unsupported }
}

const judgeTrialResult = (trial: Trial, { verdicts, unsupported }: StepsResult): ScopeResult =>
  unsupported === undefined ? judgeTrial(trial, verdicts) : { outcome: 'skipped', message: unsupported }
