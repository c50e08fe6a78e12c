import type { RunEvent } from '../../runner/events.ts'
import { type Outcome, worstOutcome } from '../../runner/result.ts'
import { type CaseHistory, caseHistories, type Rates, ratesOf } from '../run/case-history.ts'
import { summarise } from '../run/summary.ts'

/** Runs over time. */
export interface History {
  /** The oldest first. */
  readonly runs: readonly { readonly run: string; readonly startedAt: string; readonly outcome: Outcome }[]
  /** The newest first. */
  readonly nights: readonly Night[]
  /** The most changes at the top, then those that did not pass most often. */
  readonly cases: readonly CaseHistory[]
}

/** What became of all cases of the runs that began on a day (UTC). */
export interface Night extends Rates {
  /** As `2026-01-31`. */
  readonly day: string
  readonly runs: number
  /** The worst. */
  readonly outcome: Outcome
}

/**
 * The history of several runs' events, in whatever order they come; mutations and runs without a beginning are left
 * out. Of one run that comes twice, as that of a part that was merged, the larger counts.
 */
export function buildHistory(runs: Iterable<Iterable<RunEvent>>): History {
  const all = Array.from(runs, (events) => summarise(events)).flatMap((summary) =>
    summary.started?.kind === 'run' ? [{ summary, started: summary.started }] : [],
  )
  const known = [...Map.groupBy(all, ({ started }) => started.run).values()]
    .map((same) => same.reduce((most, one) => (one.summary.scopes.length > most.summary.scopes.length ? one : most)))
    .toSorted((left, right) => Date.parse(left.started.startedAt) - Date.parse(right.started.startedAt))
  return {
    runs: known.map(({ summary, started: { run, startedAt } }) => ({ run, startedAt, outcome: summary.outcome })),
    nights: [...Map.groupBy(known, ({ started }) => started.startedAt.slice(0, 10))].reverse().map(([day, all]) => ({
      ...{ day, runs: all.length, outcome: worstOutcome(all.map(({ summary }) => summary.outcome)) },
      ...ratesOf(all.flatMap(({ summary }) => summary.scopes)),
    })),
    cases: caseHistories(known.flatMap(({ summary }) => summary.scopes)).toSorted(byInterest),
  }
}

const byInterest = (left: CaseHistory, right: CaseHistory) =>
  right.changes - left.changes || troubles(right) - troubles(left)

const troubles = ({ judgings, passed, settled }: CaseHistory) => judgings.length - passed + settled
