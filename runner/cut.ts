import { expectTimes, type ScopeTimes } from './expected-time.ts'
import type { Scope } from './scopes.ts'

/** The Nth of M parts of a run, both counted from 1. */
export interface Part {
  readonly part: number
  readonly of: number
}

/** A run that is cut into parts. */
export interface Cut {
  /** The scopes of each part, in the order given. */
  readonly parts: readonly (readonly Scope[])[]
  /** How long each part is expected to take, one scope after another, in milliseconds. */
  readonly expectedMs: readonly number[]
}

/**
 * Cuts a run into parts that are expected to take about as long: the longest scope first, each into the part that has
 * least to do yet. Of the same scopes and times it makes the same parts everywhere.
 */
export function cutScopes(scopes: readonly Scope[], of: number, times: ScopeTimes): Cut {
  const expected = expectTimes(scopes, times)
  const msOf = (scope: Scope) => expected.get(scope) ?? 0
  const expectedMs = Array.from({ length: of }, () => 0)
  const partOf = new Map<Scope, number>()
  // Sorting is stable: of two that take as long, the first comes first.
  for (const scope of scopes.toSorted((left, right) => msOf(right) - msOf(left))) {
    const part = expectedMs.indexOf(Math.min(...expectedMs))
    partOf.set(scope, part)
    expectedMs[part] = (expectedMs[part] ?? 0) + msOf(scope)
  }
  const parts: Scope[][] = expectedMs.map(() => [])
  for (const scope of scopes) parts[partOf.get(scope) ?? 0]?.push(scope)
  return { parts, expectedMs }
}
