import type { PlannedScope, ScopeStarted, Topology } from './events.ts'
import type { Image } from './image/image.ts'
import { allCaseNames, caseNames } from './lab/case-names.ts'
import type { Variant } from './lab/lab.ts'
import { renderEndpoint } from './lab/text/endpoint.ts'
import type { Scope } from './scopes.ts'

/** What a run says of a scope when it begins. */
export const plannedScope = ({ name, lab, variant }: Scope): PlannedScope => ({
  ...{ scope: name, lab: lab.name, variant: variant.name },
})

/**
 * What is announced of a scope before its machines are brought up: all that reports need to know of its lab, and of the
 * images of its machines.
 */
export const announceScope = (
  { folder, lab, variant, image, repetition, retryOf, trial }: Scope,
  images: ReadonlyMap<string, Image> = new Map(),
): Omit<ScopeStarted, 'at' | 'scope'> => ({
  type: 'scope-started',
  lab: lab.name,
  variant: variant.name,
  file: lab.file,
  title: lab.title,
  summary: lab.summary,
  ...(lab.errata.length === 0 ? {} : { errata: lab.errata }),
  repetition,
  ...(retryOf === undefined ? {} : { retryOf }),
  folder,
  ...(image === undefined ? {} : { image }),
  ...(images.size === 0 ? {} : { images: Array.from(images, ([machine, one]) => factsOf(machine, one)) }),
  ...(trial ? { mutation: mutationOf(trial) } : {}),
  topology: topologyOf(variant),
  // Of a declared mutation only what must catch it counts.
  cases: trial && !trial.mutant ? variant.steps.flatMap(caseNames) : allCaseNames(variant),
})

const factsOf = (machine: string, { name, key, manifest }: Image) => ({
  ...{ machine, image: name, key, kernel: manifest.kernel.release },
})

function mutationOf({ mutation, trial, mutant }: NonNullable<Scope['trial']>): NonNullable<ScopeStarted['mutation']> {
  const { name, source } = mutation
  const of = { name, caughtBy: trial.caughtBy, line: source.line }
  if (mutant === undefined) return of
  const { kind, change, place, survives } = mutant
  return { ...of, mutant: { kind, change, ...place, ...(survives === undefined ? {} : { survives }) } }
}

/** The machines, namespaces and cables of a variant, as they are when it begins. */
export const topologyOf = ({ nodes, links }: Variant): Topology => ({
  nodes: nodes.map(({ name, namespaceOf, address }) => ({
    name,
    ...(namespaceOf === undefined ? {} : { namespaceOf }),
    ...(address === undefined ? {} : { address }),
  })),
  links: links.map(({ endpoints, unplugged, impairment, impairments }) => ({
    endpoints: endpoints.map(renderEndpoint),
    ...(unplugged === undefined || unplugged.length === 0 ? {} : { unplugged: unplugged.map(renderEndpoint) }),
    ...(impairment === undefined ? {} : { impairment }),
    ...(impairments === undefined ? {} : { impairments }),
  })),
})
