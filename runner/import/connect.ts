import type { Endpoint } from '../lab/lab.ts'
import { renderEndpoint } from '../lab/text/endpoint.ts'
import type { ImportedMachine, Segment } from './importer.ts'

/** The cables that a topology's segments are, and what machines need for it. */
export interface Wiring {
  /** Two ends each, as `node:interface`. */
  readonly cables: readonly (readonly string[])[]
  /** The machines of the topology, after those that stand for its LANs. */
  readonly machines: readonly ImportedMachine[]
  /** Ends that lead nowhere, and so are no NICs: a dummy interface is one that is up and has no neighbour. */
  readonly loose: readonly Endpoint[]
}

/** Makes cables of segments: a LAN of more than two ends is a machine that bridges a cable from each. */
export function connect({ machines, segments }: WiringNeeds): Wiring {
  const names = new Set(machines.map(({ name }) => name))
  const switches: ImportedMachine[] = []
  const cables: (readonly string[])[] = []
  for (const { name, ends } of segments) {
    if (ends.length === 2) cables.push(ends.map(renderEndpoint))
    if (ends.length <= 2) continue
    const lan = freeName(`lan-${name?.toLowerCase() ?? switches.length + 1}`, names)
    switches.push({ name: lan, packages: [], files: [], commands: [], isSwitch: true })
    cables.push(...ends.map((end, at) => [renderEndpoint(end), `${lan}:eth${at + 1}`]))
  }
  const loose = segments.flatMap(({ ends }) => (ends.length === 1 ? ends : []))
  return { cables, machines: [...switches, ...machines], loose }
}

interface WiringNeeds {
  readonly machines: readonly ImportedMachine[]
  readonly segments: readonly Segment[]
}

function freeName(wanted: string, taken: Set<string>): string {
  const short = wanted.slice(0, 28)
  let name = short
  for (let number = 2; taken.has(name); number++) name = `${short}-${number}`
  taken.add(name)
  return name
}
