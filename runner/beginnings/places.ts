import { isDeepStrictEqual } from 'node:util'
import type { Variant } from '../lab/lab.ts'
import type { Scope } from '../scopes.ts'
import { phasesOf } from '../steps/measurements.ts'

/** Whether so many steps of two variants are the same, in the same machines. */
export const beginAlike = (one: Variant, other: Variant, done: number): boolean =>
  isDeepStrictEqual(beginningOf(one, done), beginningOf(other, done))

const beginningOf = ({ nodes, links, machines, steps }: Variant, done: number) => [
  ...[nodes, links, machines],
  steps.slice(0, done),
]

/** After how many steps a trial can begin, and why after no more of those before its mistake. */
export interface Place {
  readonly done: number
  readonly why?: string
  /** The same for all that can begin alike. */
  readonly group: string
}

const places = new WeakMap<Scope, Place>()

/** Where a trial can begin; one place for each scope. */
export function placeOf(scope: Scope): Place {
  const place = places.get(scope) ?? findPlace(scope)
  places.set(scope, place)
  return place
}

function findPlace({ lab, variant, image, trial }: Scope): Place {
  const group = JSON.stringify([lab.file, variant.name, image])
  const before = variant.steps.filter(({ index }) => index < (trial?.trial.changedAt ?? 0)).length
  const all = Array.from({ length: before }, (_, at) => before - at)
  const done = all.find((place) => whyNotShared(variant, place) === undefined) ?? 0
  const why = done === before ? undefined : whyNotShared(variant, before)
  return { group, done, ...(why === undefined ? {} : { why }) }
}

/**
 * Why no other trial can go on where so many steps of a variant are done, in words: something of it is not in the
 * machines. Undefined when it can.
 */
function whyNotShared({ steps, realTimeMs }: Variant, done: number): string | undefined {
  if (realTimeMs !== undefined) return 'its protocols do not bear that machines stand still (real-time)'
  const before = steps.slice(0, done)
  const last = before.at(-1)
  const starts = before.find(({ actions }) => actions.some(({ key }) => key === 'start'))
  if (starts) return `the runner has what the process printed that step "${starts.name}" starts`
  const captures = before.find((step) => step.captures.some(({ until = step.index }) => until > (last?.index ?? 0)))
  if (captures) return `a capture of step "${captures.name}" goes on`
  const measured = phasesOf(steps).filter(({ kind }) => kind === 'measurement')
  const isCut = measured.some((phase) => phase.steps.slice(0, -1).some((one) => one === last))
  return isCut ? 'something is being measured' : undefined
}
