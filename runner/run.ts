import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import { announceScope } from './announce-scope.ts'
import { withRemedy } from './errors.ts'
import type { NewEvent } from './events.ts'
import { makeProcessorLock, noLock, type ProcessorLock } from './host/processor-lock.ts'
import { judgeTrial } from './judge-trial.ts'
import type { Trial } from './lab/lab.ts'
import { planRun } from './plan.ts'
import type { Testbed } from './providers/provider.ts'
import type { ReadyProvider } from './providers/ready-provider.ts'
import { type Outcome, worstOutcome } from './result.ts'
import type { Scope } from './scopes.ts'
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
 * When the signal is aborted all machines are ended first, then its reason is thrown.
 */
export async function runScopes(scopes: readonly Scope[], options: RunOptions): Promise<Outcome> {
  const outcomes: Outcome[] = []
  const runAll = async (chosen: readonly Scope[], processors: ProcessorLock) => {
    const waiting = [...chosen]
    const worker = async () => {
      for (let scope = waiting.shift(); scope && !options.signal.aborted; scope = waiting.shift())
        outcomes.push(await runScope(scope, processors, options))
    }
    await Promise.all(Array.from({ length: Math.min(options.jobs, chosen.length) }, worker))
  }
  await runAll(
    scopes.filter((scope) => !measuresTime(scope)),
    noLock,
  )
  await runAll(scopes.filter(measuresTime), makeProcessorLock())
  options.signal.throwIfAborted()
  return worstOutcome(outcomes)
}

/** What works hard beside a measured outage would lengthen it. Machines that wait for timers do not. */
const measuresTime = ({ variant }: Scope) =>
  variant.steps.some(
    ({ outage, expectations }) =>
      outage !== undefined || expectations.some(({ assertion }) => assertions[assertion]?.measuresTime),
  )

async function runScope(scope: Scope, processors: ProcessorLock, options: RunOptions): Promise<Outcome> {
  const { provider, results, keep, signal } = options
  const { lab, variant, trial } = scope
  const startedMs = performance.now()
  const emit = (event: ScopeEvent) => options.emit({ ...event, scope: scope.name } as NewEvent)
  const announced = announceScope(scope)
  const folder = join(results, announced.folder)
  mkdirSync(folder, { recursive: true })
  emit(announced)

  let testbed: Testbed | undefined
  let verdict: ScopeResult = { outcome: 'error' }
  // A machine that dies breaks the scope: its steps must not wait for an answer that cannot come.
  const death = new AbortController()
  const scopeSignal = AbortSignal.any([signal, death.signal])
  try {
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
    const result = await runSteps({
      variant,
      testbed,
      folder,
      folderInResults: announced.folder,
      signal: scopeSignal,
      processors,
      emit,
      ...(trial ? { goOnFrom: trial.trial.changedAt, untilCases: trial.trial.caughtBy } : {}),
    })
    verdict = trial ? judgeTrialResult(trial.trial, result) : judgeScope(result)
  } catch (error) {
    // What a machine's death broke says less than the death itself.
    verdict = { outcome: 'error', message: withRemedy(death.signal.aborted ? death.signal.reason : error) }
  } finally {
    if (!keep || signal.aborted) await testbed?.tearDown()
    else testbed?.detach()
  }
  emit({ type: 'scope-finished', ...verdict, durationMs: performance.now() - startedMs })
  return verdict.outcome
}

interface ScopeResult {
  readonly outcome: Outcome
  readonly message?: string
  readonly caught?: boolean
}

/** A step that broke is an error even when nothing is claimed of it or after it. */
function judgeScope({ verdicts, broken, unsupported }: StepsResult): ScopeResult {
  if (broken !== undefined) return { outcome: 'error', message: broken }
  const outcome = worstOutcome([...(unsupported === undefined ? (['passed'] as const) : []), ...verdicts.values()])
  return unsupported === undefined ? { outcome } : { outcome, message: unsupported }
}

const judgeTrialResult = (trial: Trial, { verdicts, unsupported }: StepsResult): ScopeResult =>
  unsupported === undefined ? judgeTrial(trial, verdicts) : { outcome: 'skipped', message: unsupported }
