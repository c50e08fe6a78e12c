import type { Endpoint } from '../lab/lab.ts'
import { renderEndpoint } from '../lab/text/endpoint.ts'
import type { ImportedMachine, Topology } from './importer.ts'

/** The cables that a topology's segments are. */
export interface Wiring {
  /** Their ends, as `node:interface`: two, or more, which a hub joins. */
  readonly cables: readonly (readonly string[])[]
  readonly machines: readonly ImportedMachine[]
  /** Ends that lead nowhere, and so are no NICs: a dummy interface is one that is up and has no neighbour. */
  readonly loose: readonly Endpoint[]
}

/** Makes cables of segments. */
export const connect = ({ machines, segments }: Pick<Topology, 'machines' | 'segments'>): Wiring => ({
  machines,
  cables: segments.flatMap(({ ends }) => (ends.length > 1 ? [ends.map(renderEndpoint)] : [])),
  loose: segments.flatMap(({ ends }) => (ends.length === 1 ? ends : [])),
})
