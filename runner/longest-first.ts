import { knownTimeMs, type ScopeTimes } from './expected-time.ts'
import type { Scope } from './scopes.ts'

/**
 * The order in which scopes end soonest that run side by side: a short one at the end leaves less of the host idle than
 * a long one. Rounds of a repetition stay whole. Scopes that take about as long stay in the order given, so that it
 * doesn't change from run to run; those of which nothing is known come first, as they may take long.
 */
export const longestFirst = (scopes: readonly Scope[], times: ScopeTimes): Scope[] =>
  scopes.toSorted(
    (left, right) => left.repetition - right.repetition || compare(classOf(right, times), classOf(left, times)),
  )

/** Unlike a difference this can compare what is infinite. */
const compare = (left: number, right: number) => (left === right ? 0 : left < right ? -1 : 1)

/** Half of a doubling: the times of a class differ by that at most. */
const classesPerDoubling = 2

function classOf(scope: Scope, times: ScopeTimes): number {
  const ms = knownTimeMs(scope, times)
  return ms === undefined ? Number.POSITIVE_INFINITY : Math.round(classesPerDoubling * Math.log2(Math.max(ms, 1)))
}
