import type { RunEvent } from '../../runner/events.ts'
import type { Outcome } from '../../runner/result.ts'
import { type CaseHistory, caseHistories } from '../run/case-history.ts'
import { summarise } from '../run/summary.ts'

/** Runs over time. */
export interface History {
  /** The oldest first. */
  readonly runs: readonly { readonly run: string; readonly startedAt: string; readonly outcome: Outcome }[]
  /** The most changes at the top, then those that did not pass most often. */
  readonly cases: readonly CaseHistory[]
}

/**
 * The history of several runs' events, in whatever order they come; mutations and runs without a beginning are left
 * out. Of one run that comes twice, as that of a part that was merged, the larger counts.
 */
export function buildHistory(runs: Iterable<Iterable<RunEvent>>): History {
  const all = [...runs]
    .map((events) => summarise(events))
    .flatMap((summary) => (summary.started?.kind === 'run' ? [{ summary, started: summary.started }] : []))
  const known = [...Map.groupBy(all, ({ started }) => started.run).values()]
    .map((same) => same.reduce((most, one) => (one.summary.scopes.length > most.summary.scopes.length ? one : most)))
    .toSorted((left, right) => Date.parse(left.started.startedAt) - Date.parse(right.started.startedAt))
  return {
    runs: known.map(({ summary, started: { run, startedAt } }) => ({ run, startedAt, outcome: summary.outcome })),
    cases: caseHistories(known.flatMap(({ summary }) => summary.scopes)).toSorted(byInterest),
  }
}

const byInterest = (left: CaseHistory, right: CaseHistory) =>
  right.changes - left.changes || troubles(right) - troubles(left)

const troubles = ({ judgings, passed, settled }: CaseHistory) => judgings.length - passed + settled
