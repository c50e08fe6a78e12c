import type { Outcome } from '../../runner/result.ts'
import { plural } from '../text/plain-text.ts'
import type { Cell } from './grid.ts'

/** All outcomes, in the order in which reports count them. */
export const outcomes = ['passed', 'failed', 'error', 'skipped'] as const satisfies readonly Outcome[]

/** The sign of an outcome, readable without colour. */
export const signs: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', error: '!', skipped: '-' }

/** The sign of an outcome for text that has no colours of its own. */
export const colouredSigns: Readonly<Record<Outcome, string>> = {
  passed: '✅',
  failed: '❌',
  error: '⚠️',
  skipped: '⏭️',
}

/** How many cases had each outcome. */
export type Counts = Readonly<Record<Outcome, number>>

/** Counts what has an outcome. */
export function countOutcomes(cases: Iterable<{ readonly outcome: Outcome }>): Counts {
  const counts = { passed: 0, failed: 0, error: 0, skipped: 0 }
  for (const { outcome } of cases) counts[outcome] += 1
  return counts
}

/** A count in words: `3 passed`, `1 error`, `2 errors`. */
export const renderCount = (counts: Counts, outcome: Outcome): string =>
  outcome === 'error' ? plural(counts.error, 'error') : `${counts[outcome]} ${outcome}`

/** The outcomes that any case had. */
export const outcomesIn = (counts: Counts): Outcome[] => outcomes.filter((outcome) => counts[outcome] > 0)

/** Whether an outcome is one that somebody must look at. */
export const isTrouble = (outcome: Outcome): boolean => outcome === 'failed' || outcome === 'error'

/** What is trouble, that which failed first: it must not be cut from a list that begins with errors. */
export const troublesIn = <T extends { readonly outcome: Outcome }>(cases: readonly T[]): T[] =>
  (['failed', 'error'] as const).flatMap((trouble) => cases.filter(({ outcome }) => outcome === trouble))

/** The outcome of a cell of a table: one that nobody could judge is an error. */
export const outcomeOfCell = ({ verdict }: Pick<Cell, 'verdict'>): Outcome =>
  verdict === 'inconclusive' ? 'error' : verdict
