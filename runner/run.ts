import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from './errors.ts'
import type { NewEvent } from './events.ts'
import { judgeTrial } from './judge-trial.ts'
import { caseNames } from './lab/case-names.ts'
import { planRun } from './plan.ts'
import type { Provider, Testbed } from './providers/provider.ts'
import { type Outcome, worstOutcome } from './result.ts'
import type { Scope } from './scopes.ts'
import type { ScopeEvent } from './step-context.ts'
import { runSteps } from './steps.ts'

export interface RunOptions {
  readonly provider: Provider
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
 * Runs scopes, each in machines of its own: those that measure time one after the other with nothing beside them,
 * after all others, of which at most `jobs` run at once. Gives the worst outcome.
 * When the signal is aborted all machines are ended first, then its reason is thrown.
 */
export async function runScopes(scopes: readonly Scope[], options: RunOptions): Promise<Outcome> {
  const outcomes: Outcome[] = []
  const runAll = async (chosen: readonly Scope[], jobs: number) => {
    const waiting = [...chosen]
    const worker = async () => {
      for (let scope = waiting.shift(); scope && !options.signal.aborted; scope = waiting.shift())
        outcomes.push(await runScope(scope, options))
    }
    await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, worker))
  }
  await runAll(
    scopes.filter((scope) => !measuresTime(scope)),
    options.jobs,
  )
  await runAll(scopes.filter(measuresTime), 1)
  options.signal.throwIfAborted()
  return worstOutcome(outcomes)
}

/** What runs beside a measured outage would lengthen it. */
const measuresTime = ({ variant }: Scope) => variant.steps.some(({ outage }) => outage !== undefined)

async function runScope(scope: Scope, options: RunOptions): Promise<Outcome> {
  const { provider, results, keep, signal } = options
  const { lab, variant, trial } = scope
  const startedMs = performance.now()
  const emit = (event: ScopeEvent) => options.emit({ ...event, scope: scope.name } as NewEvent)
  const folderInResults = scope.name.replaceAll(/[^\w/.-]+/g, '-').replace(/-$/, '')
  const folder = join(results, folderInResults)
  mkdirSync(folder, { recursive: true })
  emit(startOf(scope))

  let testbed: Testbed | undefined
  let verdict: { outcome: Outcome; message?: string; caught?: boolean } = { outcome: 'error' }
  // A machine that dies breaks the scope: its steps must not wait for an answer that cannot come.
  const death = new AbortController()
  const scopeSignal = AbortSignal.any([signal, death.signal])
  try {
    testbed = await provider.bringUp(planRun(lab.name, variant), {
      logs: folder,
      signal,
      onReady: (machine, durationMs) => emit({ type: 'machine-ready', machine, durationMs }),
      onDeath(machine, reason, consoleTail) {
        emit({ type: 'machine-died', machine, reason, consoleTail })
        death.abort(new Error(`machine ${machine} died: ${reason}`))
      },
    })
    const { verdicts, unsupported } = await runSteps({
      variant,
      testbed,
      folder,
      folderInResults,
      signal: scopeSignal,
      emit,
      ...(trial ? { goOnFrom: trial.trial.changedAt, untilCases: trial.trial.caughtBy } : {}),
    })
    const skipped = { outcome: worstOutcome(verdicts.values()), message: unsupported ?? '' }
    if (unsupported !== undefined) verdict = trial ? { ...skipped, outcome: 'skipped' } : skipped
    else
      verdict = trial ? judgeTrial(trial.trial, verdicts) : { outcome: worstOutcome(['passed', ...verdicts.values()]) }
    const broken = [...verdicts.values()].includes('skipped') && !trial && unsupported === undefined
    if (broken && verdict.outcome === 'passed') verdict = { outcome: 'error', message: 'a step went wrong' }
  } catch (error) {
    verdict = { outcome: 'error', message: messageOf(error) }
  } finally {
    if (!keep || signal.aborted) await testbed?.tearDown()
    else testbed?.letGo()
  }
  emit({ type: 'scope-finished', ...verdict, durationMs: performance.now() - startedMs })
  return verdict.outcome
}

const startOf = ({ lab, variant, repetition, trial }: Scope): ScopeEvent => ({
  type: 'scope-started',
  lab: lab.name,
  variant: variant.name,
  file: lab.file,
  title: lab.title,
  summary: lab.summary,
  repetition,
  ...(trial
    ? { mutation: { name: trial.mutation.name, caughtBy: trial.trial.caughtBy, line: trial.mutation.source.line } }
    : {}),
  topology: {
    nodes: variant.nodes.map(({ name, namespaceOf, address }) => ({
      name,
      ...(namespaceOf === undefined ? {} : { namespaceOf }),
      ...(address === undefined ? {} : { address }),
    })),
    links: variant.links.map(({ endpoints: [a, b] }) => ({ endpoints: [`${a.node}:${a.nic}`, `${b.node}:${b.nic}`] })),
  },
  cases: variant.steps.flatMap(caseNames),
})
