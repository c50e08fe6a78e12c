import type { Scope } from '../scopes.ts'
import { placeOf } from './places.ts'

/**
 * Returns who takes the next of some scopes. Those that begin alike are one worker's, the longest beginning first, on
 * whose way those of the others are saved. A worker that has none of its own helps with the shortest of another. Where
 * nothing can be shared all take them as they are given: those that stand beside each other take about as long, and
 * scopes that wait for each other's end wait for the longest.
 */
export function queueOf(scopes: readonly Scope[]): (worker: number) => Scope | undefined {
  const groups = [...Map.groupBy(scopes, (scope) => placeOf(scope).group).values()].map((group) =>
    group.toSorted((left, right) => placeOf(right).done - placeOf(left).done),
  )
  const owners = new Map<Scope[], number>()
  return (worker) => {
    const left = groups.filter(({ length }) => length > 0)
    const own = left.find((group) => owners.get(group) === worker) ?? left.find((group) => !owners.has(group))
    if (own === undefined) return left[0]?.some((scope) => placeOf(scope).done > 0) ? left[0].pop() : left[0]?.shift()
    owners.set(own, worker)
    return own.shift()
  }
}
