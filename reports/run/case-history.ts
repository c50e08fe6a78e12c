import type { Outcome } from '../../runner/result.ts'
import { renderDuration } from '../text/plain-text.ts'
import type { JudgedCase, ScopeSummary } from './summary.ts'

/** One time that a case was judged. */
export interface Judging {
  readonly scope: ScopeSummary
  readonly judged: JudgedCase
}

/** What became of cases, as often as they were judged. */
export interface Rates {
  /** The oldest first, without those that were skipped. */
  readonly judgings: readonly Judging[]
  readonly passed: number
  readonly failed: number
  /** It could not be told, in any try. */
  readonly inconclusive: number
  /** The machinery broke before it could be judged. */
  readonly broken: number
  /** How often a first try was inconclusive and another one told. */
  readonly settled: number
  /** How long it took to become true, of those that passed; undefined when none did. */
  readonly medianMs?: number
  readonly slowestMs?: number
}

/** What became of one case each time that it was judged: in repetitions, in several runs. */
export interface CaseHistory extends Rates {
  readonly lab: string
  readonly variant: string
  readonly name: string
  /** How often it went from passed to not passed or back: what fails for good does so once. */
  readonly changes: number
  /** Median of the newer half over that of the older; undefined below four that passed. */
  readonly trend?: number
}

/** The history of each case of these scopes, the oldest scope first. */
export const caseHistories = (scopes: readonly ScopeSummary[]): CaseHistory[] =>
  [...Map.groupBy(judgingsIn(scopes), ({ scope, judged }) => caseKey(scope, judged)).values()].map(tellCase)

/** Each time that a case of these scopes was judged. Mutations are not repetitions of anything. */
const judgingsIn = (scopes: readonly ScopeSummary[]): Judging[] =>
  scopes
    .filter(({ started }) => started?.mutation === undefined)
    .flatMap((scope) => scope.cases.map((judged) => ({ scope, judged })))
    .filter(({ judged: { outcome } }) => outcome !== 'skipped')

/** What became of all cases of these scopes together. */
export const ratesOf = (scopes: readonly ScopeSummary[]): Rates => rate(judgingsIn(scopes))

/** The same for each time that a case is judged. */
export const caseKey = (
  { lab, variant }: Pick<ScopeSummary, 'lab' | 'variant'>,
  { name }: Pick<JudgedCase, 'name'>,
): string => [lab, variant, name].join('\n')

/** Whether a case was once something else than passed at the first try. */
export const isUnsteady = ({ judgings, passed, settled }: CaseHistory): boolean =>
  passed < judgings.length || settled > 0

/** Whether repetitions of a case differ. */
export const isFlaky = ({ judgings, passed }: CaseHistory): boolean => passed > 0 && passed < judgings.length

/** Those times that a case did not pass. */
export const troublesOf = ({ judgings }: CaseHistory): readonly Judging[] =>
  judgings.filter(({ judged: { outcome } }) => outcome !== 'passed')

/**
 * How often a case failed and was not told, and the times: `1 of 20 failed (5 %), true after 0.20 s, 1.10 s at most`.
 */
export function renderRates(history: CaseHistory): string {
  const { judgings, settled, medianMs, slowestMs } = history
  const kinds = (['failed', 'inconclusive', 'broken'] as const).flatMap((kind) =>
    history[kind] === 0 ? [] : [`${history[kind]} of ${judgings.length} ${kind} (${renderShare(history, kind)})`],
  )
  const all = kinds.length === 0 ? [`passed ${judgings.length} of ${judgings.length}`] : kinds
  return [
    ...all,
    ...(settled === 0 ? [] : [`${settled} settled by another try`]),
    ...(medianMs === undefined || slowestMs === undefined
      ? []
      : [`true after ${renderDuration(medianMs)}, ${renderDuration(slowestMs)} at most`]),
  ].join(', ')
}

/** How often of all times it was so, in percent. */
export function renderShare(history: Rates, kind: 'failed' | 'inconclusive' | 'broken'): string {
  const percent = (100 * history[kind]) / history.judgings.length
  return `${percent > 0 && percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)} %`
}

function tellCase(judgings: readonly Judging[]): CaseHistory {
  const [first] = judgings
  const times = timesOf(judgings)
  const half = Math.floor(times.length / 2)
  const [older, newer] = [median(times.slice(0, half)), median(times.slice(times.length - half))]
  return {
    lab: first?.scope.lab ?? '',
    variant: first?.scope.variant ?? '',
    name: first?.judged.name ?? '',
    ...rate(judgings),
    changes: countChanges(judgings.map(({ judged: { outcome } }) => outcome)),
    ...(half < 2 || !older || newer === undefined ? {} : { trend: newer / older }),
  }
}

function rate(judgings: readonly Judging[]): Rates {
  const errors = judgings.filter(({ judged: { outcome } }) => outcome === 'error')
  const inconclusive = errors.filter(({ judged: { verdict } }) => verdict !== undefined).length
  const times = timesOf(judgings)
  const medianMs = median(times)
  return {
    judgings,
    passed: times.length,
    failed: judgings.filter(({ judged: { outcome } }) => outcome === 'failed').length,
    inconclusive,
    broken: errors.length - inconclusive,
    settled: judgings.filter(({ judged }) => wasSettled(judged)).length,
    ...(medianMs === undefined ? {} : { medianMs, slowestMs: times.reduce((most, one) => Math.max(most, one)) }),
  }
}

/** How long it took each time that passed. */
const timesOf = (judgings: readonly Judging[]) =>
  judgings.filter(({ judged }) => judged.outcome === 'passed').map(({ judged }) => judged.durationMs)

const wasSettled = ({ outcome, otherTries = [] }: JudgedCase) =>
  outcome !== 'error' && otherTries.some((one) => one.outcome === 'error')

const countChanges = (outcomes: readonly Outcome[]) =>
  outcomes.filter((outcome, index) => {
    const before = outcomes[index - 1]
    return before !== undefined && (before === 'passed') !== (outcome === 'passed')
  }).length

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 || high === undefined || low === undefined ? high : (low + high) / 2
}
