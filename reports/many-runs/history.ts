import type { RunEvent } from '../../runner/events.ts'
import type { Outcome } from '../../runner/result.ts'
import { countOutcomes } from '../run/outcomes.ts'
import { type RunSummary, summarise } from '../run/summary.ts'

/** What became of one case over several runs. */
export interface CaseHistory {
  readonly lab: string
  readonly variant: string
  readonly name: string
  /** In the order of the runs; a run in which it was repeated counts each time. */
  readonly outcomes: readonly Outcome[]
  readonly passed: number
  readonly failed: number
  readonly errors: number
  /** How often it went from passed to not passed or back: what fails for good does so once. */
  readonly changes: number
  /** Of those that passed; undefined when none did. */
  readonly medianMs?: number
  /** Median of the newer half over that of the older; undefined below four that passed. */
  readonly trend?: number
}

/** Runs over time. */
export interface History {
  /** The oldest first. */
  readonly runs: readonly { readonly run: string; readonly startedAt: string; readonly outcome: Outcome }[]
  /** Those that were not always passed come first, the most changes at the top. */
  readonly cases: readonly CaseHistory[]
}

/**
 * The history of several runs' events, in whatever order they come; mutations and runs without a beginning are left
 * out.
 */
export function buildHistory(runs: Iterable<readonly RunEvent[]>): History {
  const known = [...runs]
    .map((events) => summarise(events))
    .flatMap((summary) => (summary.started?.kind === 'run' ? [{ summary, started: summary.started }] : []))
    .toSorted((left, right) => Date.parse(left.started.startedAt) - Date.parse(right.started.startedAt))
  const seen = Map.groupBy(
    known.flatMap(({ summary }) => seenIn(summary)),
    ({ key }) => key,
  )
  return {
    runs: known.map(({ summary, started: { run, startedAt } }) => ({ run, startedAt, outcome: summary.outcome })),
    cases: [...seen.values()].map(tellCase).toSorted(byInterest),
  }
}

interface Seen {
  readonly key: string
  readonly lab: string
  readonly variant: string
  readonly name: string
  readonly outcome: Outcome
  readonly durationMs: number
}

const seenIn = ({ scopes }: RunSummary): Seen[] =>
  scopes.flatMap(({ lab, variant, cases }) =>
    cases
      .filter(({ outcome }) => outcome !== 'skipped')
      .map(({ name, outcome, durationMs }) => ({
        key: [lab, variant, name].join('\n'),
        lab,
        variant,
        name,
        outcome,
        durationMs,
      })),
  )

function tellCase(seen: readonly Seen[]): CaseHistory {
  const [{ lab, variant, name } = { lab: '', variant: '', name: '' }] = seen
  const outcomes = seen.map(({ outcome }) => outcome)
  const { passed, failed, error: errors } = countOutcomes(seen)
  const times = seen.filter(({ outcome }) => outcome === 'passed').map(({ durationMs }) => durationMs)
  const half = Math.floor(times.length / 2)
  const [older, newer] = [median(times.slice(0, half)), median(times.slice(times.length - half))]
  const medianMs = median(times)
  return {
    lab,
    variant,
    name,
    outcomes,
    passed,
    failed,
    errors,
    changes: outcomes.filter((outcome, index) => {
      const before = outcomes[index - 1]
      return before !== undefined && (before === 'passed') !== (outcome === 'passed')
    }).length,
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(half < 2 || !older || newer === undefined ? {} : { trend: newer / older }),
  }
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 || high === undefined || low === undefined ? high : (low + high) / 2
}

const byInterest = (left: CaseHistory, right: CaseHistory) =>
  right.changes - left.changes || right.failed + right.errors - (left.failed + left.errors)
