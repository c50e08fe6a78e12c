import type { Scope } from './scopes.ts'

/** How long scopes took in earlier runs, in milliseconds, by `timeKey`. */
export type ScopeTimes = ReadonlyMap<string, number>

/** What a scope's time is known by: the lab, the variant and the declared mutation. */
export const timeKey = (lab: string, variant: string, mutation?: string): string =>
  `${lab}/${variant}${mutation === undefined ? '' : ` (${mutation})`}`

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

function classOf({ lab, variant, trial }: Scope, times: ScopeTimes): number {
  const mutation = trial?.mutant === undefined ? trial?.mutation.name : undefined
  const ms = times.get(timeKey(lab.name, variant.name, mutation)) ?? times.get(timeKey(lab.name, variant.name))
  return ms === undefined ? Number.POSITIVE_INFINITY : Math.round(classesPerDoubling * Math.log2(Math.max(ms, 1)))
}
