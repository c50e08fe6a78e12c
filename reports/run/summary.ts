import type {
  PlannedScope,
  RecordLost,
  RunEvent,
  RunFinished,
  RunStarted,
  ScopeFinished,
  ScopeStarted,
} from '../../runner/events.ts'
import type { Outcome } from '../../runner/result.ts'
import { worstOutcome } from '../../runner/result.ts'
import { plural } from '../text/plain-text.ts'
import type { JudgedCase, KeptResult, ScopeRecord } from './judged-cases.ts'
import { casesOf, joinTries, judgeMutation, withBreakage } from './judged-cases.ts'
import { judgeMutant, type MutantSummary } from './mutants.ts'
import { type Counts, countOutcomes, isTrouble } from './outcomes.ts'

export type { JudgedCase } from './judged-cases.ts'

/** What became of a run, however much of it is known. Reporters take their numbers from here, so that they agree. */
export interface RunSummary {
  readonly started?: RunStarted
  /** Missing when the runner was killed. */
  readonly finished?: RunFinished
  /** In the order in which they were planned, which need not be that in which they began. */
  readonly scopes: readonly ScopeSummary[]
  /** Other tries of scopes, which count only by what those take from them. */
  readonly retries: readonly ScopeSummary[]
  readonly counts: Counts
  /** Files of the record that could not be written to their end. */
  readonly lost: readonly RecordLost[]
  /** An error, unless something failed, where the record is not whole. */
  readonly outcome: Outcome
  readonly durationMs: number
}

/** One bring-up of a lab and what was judged in it. */
export interface ScopeSummary {
  readonly scope: string
  readonly lab: string
  readonly variant: string
  /** Missing when the scope was planned and never began. */
  readonly started?: ScopeStarted
  readonly outcome: Outcome
  /** The run was ended before it was done, or had begun: by a signal, or because enough had failed. */
  readonly interrupted: boolean
  /** Since the run began. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** What counts. Each announced case is here, judged or not; a mutation counts as one. */
  readonly cases: readonly JudgedCase[]
  /** All that was kept of its steps. */
  readonly kept: readonly KeptResult[]
  /** For a mutation: the lab's own cases, which had to fail or to pass. */
  readonly mutated?: readonly JudgedCase[]
  /** Of a mutant that was made by machine: what became of it in all its variants. */
  readonly mutant?: MutantSummary
  /** What of its steps was done once for several trials, where that was asked for. */
  readonly beginning?: NonNullable<ScopeFinished['beginning']>
}

/** Gathers events one by one; `result` may be asked at any time. */
export interface SummaryFold {
  readonly add: (event: RunEvent) => void
  readonly result: () => RunSummary
  /** A scope that began, or another try of one; undefined when no such scope did. */
  readonly resultOf: (scope: string) => ScopeSummary | undefined
}

/** The summary of a whole list of events. */
export function summarise(events: Iterable<RunEvent>): RunSummary {
  const fold = createSummaryFold()
  for (const event of events) fold.add(event)
  return fold.result()
}

/** A fold for a stream of events. */
export function createSummaryFold(): SummaryFold {
  const records = new Map<string, ScopeRecord>()
  const retried = new Map<string, Set<ScopeRecord>>()
  let started: RunStarted | undefined
  let finished: RunFinished | undefined
  const lost: RecordLost[] = []
  let lastAtMs = 0

  const recordOf = (scope: string) => {
    const known = records.get(scope)
    if (known !== undefined) return known
    const record = emptyRecord(scope)
    records.set(scope, record)
    return record
  }

  const add = (event: RunEvent) => {
    lastAtMs = Math.max(lastAtMs, event.at)
    if (event.type === 'run-started') started = event
    else if (event.type === 'run-finished') finished = event
    else if (event.type === 'record-lost') lost.push(event)
    else if (event.type !== 'progress') note(recordOf(event.scope), event)
    if (event.type !== 'scope-started' || event.retryOf === undefined) return
    const retries = retried.get(event.retryOf) ?? new Set()
    retried.set(event.retryOf, retries.add(recordOf(event.scope)))
  }
  const retriesOf = (name: string) => [...(retried.get(name) ?? [])].filter(({ started }) => started?.retryOf === name)

  const result = (): RunSummary => {
    const planned = new Map((started?.scopes ?? []).map((one) => [one.scope, one]))
    const neverBegun = [...planned.keys()].filter((scope) => !records.has(scope)).map(emptyRecord)
    const places = new Map([...planned.keys()].map((scope, place) => [scope, place]))
    const placeOf = ({ scope }: ScopeRecord) => places.get(scope) ?? places.size
    const known = [...records.values(), ...neverBegun].toSorted((left, right) => placeOf(left) - placeOf(right))
    const [retries, firsts] = [true, false].map((isRetry) =>
      known.filter((record) => (record.started?.retryOf !== undefined) === isRetry),
    ) as [ScopeRecord[], ScopeRecord[]]
    const scopes = firsts.map((record) => ({
      ...summariseScope(record, planned.get(record.scope), retriesOf(record.scope)),
      ...neverBegan(record, finished),
    }))
    const own: Outcome = finished?.outcome ?? (started === undefined ? 'skipped' : 'error')
    return {
      ...(started === undefined ? {} : { started }),
      ...(finished === undefined ? {} : { finished }),
      scopes,
      retries: retries.map((record) => summariseScope(record, undefined)),
      counts: countOutcomes(scopes.flatMap((scope) => scope.cases)),
      lost: [...lost],
      outcome: worstOutcome([own, ...scopes.map(({ outcome }) => outcome), ...lost.map(() => 'error' as const)]),
      durationMs: finished?.durationMs ?? lastAtMs,
    }
  }

  const resultOf = (scope: string) => {
    const record = records.get(scope)
    return record && summariseScope(record, undefined, retriesOf(scope))
  }
  return { add, result, resultOf }
}

/** Why a run ended before all was judged, in words; undefined when nobody wanted that. */
export function whyEndedEarly({ exitCode, maxFailures }: Partial<RunFinished> = {}): string | undefined {
  if ((exitCode ?? 0) > 128) return 'interrupted'
  return maxFailures === undefined ? undefined : `ended after ${plural(maxFailures, 'failure')}`
}

/** What a run that ended early never began is no error: nobody could expect it. */
function neverBegan(
  record: ScopeRecord,
  finished: RunFinished | undefined,
): Partial<Pick<ScopeSummary, 'cases' | 'outcome' | 'interrupted'>> {
  const why = whyEndedEarly(finished)
  if (record.started !== undefined || why === undefined) return {}
  const message = why === 'interrupted' ? 'not tried: the run was interrupted before it' : `not tried: the run ${why}`
  const cases = withBreakage(record, []).map((one) => ({ ...one, outcome: 'skipped' as const, message }))
  return { cases, outcome: 'skipped', interrupted: true }
}

const emptyRecord = (scope: string): ScopeRecord => ({
  scope,
  verdicts: new Map(),
  captures: [],
  happened: [],
  stepNames: new Map(),
  brokenSteps: [],
  lastAtMs: 0,
})

type NotedEvent = Exclude<RunEvent, { type: 'run-started' | 'run-finished' | 'progress' | 'record-lost' }>

function note(record: ScopeRecord, event: NotedEvent) {
  record.lastAtMs = event.at
  if (event.type === 'scope-started') record.started = event
  else if (event.type === 'scope-finished') record.finished = event
  else if (event.type === 'machine-died') record.died ??= event
  else if (event.type === 'step-started') record.stepNames.set(event.step, event.name)
  else if (event.type === 'event-happened') record.happened.push(event)
  else if (event.type === 'capture-saved' || event.type === 'file-fetched') record.captures.push(event)
  else if (event.type === 'case-finished') record.verdicts.set(event.case, event)
  else if (event.type === 'step-finished' && isTrouble(event.outcome)) record.brokenSteps.push(event)
}

function summariseScope(
  record: ScopeRecord,
  planned: PlannedScope | undefined,
  retries: readonly ScopeRecord[] = [],
): ScopeSummary {
  const { started, finished } = record
  const own = casesOf(record)
  const mutation = (one: ScopeRecord) => (one.started === undefined ? [] : [judgeMutation(one, one.started)])
  const { name = '', mutant } = started?.mutation ?? {}
  const tried = mutant === undefined ? undefined : judgeMutant({ name, mutant }, [record, ...retries])
  const cases = tried
    ? [tried.judged]
    : started?.mutation === undefined
      ? withBreakage(record, own, retries)
      : retries.reduce((joined, retry) => joinTries(joined, mutation(retry)), mutation(record))
  const startedAtMs = started?.at ?? 0
  return {
    scope: record.scope,
    lab: started?.lab ?? planned?.lab ?? record.scope,
    variant: started?.variant ?? planned?.variant ?? '',
    ...(started === undefined ? {} : { started }),
    outcome: worstOutcome(cases.map(({ outcome }) => outcome)),
    interrupted: finished?.interrupted === true,
    startedAtMs,
    durationMs: finished?.durationMs ?? Math.max(0, record.lastAtMs - startedAtMs),
    cases,
    kept: record.captures,
    ...(started?.mutation === undefined ? {} : { mutated: own }),
    ...(tried === undefined ? {} : { mutant: tried.mutant }),
    ...(finished?.beginning === undefined ? {} : { beginning: finished.beginning }),
  }
}

/** What of a trial's steps was done once for several, or why none was, in words. */
export function renderBeginning({ done, scope, why }: NonNullable<ScopeFinished['beginning']>): string {
  if (scope === undefined) return `No step is shared with other trials: ${why}`
  const what = done === 1 ? 'The first step was' : `The first ${done} steps were`
  const more = why === undefined ? '' : `; no more, because ${why}`
  return `${what} done and judged once for several trials, in ${scope}${more}`
}
