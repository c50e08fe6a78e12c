import type { Scope } from '../scopes.ts'
import { placeOf } from './places.ts'

/**
 * Returns who takes the next of some scopes. Those that begin alike are one worker's, the longest beginning first, on
 * whose way those of the others are saved. A worker that has none of its own helps with the shortest of another.
 */
export function queueOf(scopes: readonly Scope[]): (worker: number) => Scope | undefined {
  const groups = [...Map.groupBy(scopes, (scope) => placeOf(scope).group).values()].map((group) =>
    group.toSorted((left, right) => placeOf(right).done - placeOf(left).done),
  )
  const owners = new Map<Scope[], number>()
  return (worker) => {
    const left = groups.filter(({ length }) => length > 0)
    const own = left.find((group) => owners.get(group) === worker) ?? left.find((group) => !owners.has(group))
    if (own === undefined) return left[0]?.pop()
    owners.set(own, worker)
    return own.shift()
  }
}
