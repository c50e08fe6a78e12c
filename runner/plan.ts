import { createHash } from 'node:crypto'
import { defaultImage, renderImageName } from './image/image-name.ts'
import type { Link, Requirement, Variant } from './lab/lab.ts'
import { renderEndpoint } from './lab/text/endpoint.ts'

/** A variant ready to be brought up: nothing left to decide, everything derived from the lab alone. */
export interface Plan {
  readonly lab: string
  readonly variant: Variant
  readonly machines: readonly PlannedMachine[]
  readonly cables: readonly PlannedCable[]
}

export interface PlannedMachine {
  readonly name: string
  readonly memoryMiB: number
  readonly cpus: number
  /** The name of the image that it boots: its recipe, and packages added to that. */
  readonly image: string
  /** What that image must have. */
  readonly requires: readonly Requirement[]
  readonly nics: readonly PlannedNic[]
}

export interface PlannedNic {
  /** Name in the machine. */
  readonly name: string
  /** Lower case, colons. Locally administered, the same in every run, unique in the lab. */
  readonly mac: string
  readonly cable: number
  /** Which end of the cable: 0 or 1, or more at a hub. */
  readonly end: number
  /** Its cable ends at a hub, which joins more than two. */
  readonly atHub?: true
  /** Whether it is in the machine from the beginning. */
  readonly plugged: boolean
}

export interface PlannedCable {
  /** Each end as `node:interface`. */
  readonly endpoints: readonly string[]
}

/** Memory of a machine that does not say otherwise, in MiB: what Debian, its tools and a few daemons need. */
export const defaultMemoryMiB = 384

/**
 * Derives everything that a provider needs from a variant: machines, their NICs with MACs, cables. `image` takes the
 * place of the lab's, but not of what nodes name. Pure.
 */
export function planRun(lab: string, variant: Variant, image?: string): Plan {
  const images = machineImages(variant, image)
  // Those that the lab gives are never made up for another NIC.
  const macs = new Set(variant.links.flatMap(({ macs: given = {} }) => Object.values(given)))
  const nicAt = ({ unplugged = [], endpoints, macs: given }: Link, cable: number, end: number): PlannedNic[] => {
    const endpoint = endpoints[end]
    if (endpoint === undefined) return []
    const { node, nic } = endpoint
    return [
      {
        name: nic,
        mac: given?.[renderEndpoint(endpoint)] ?? macFor(lab, node, nic, macs),
        ...{ cable, end },
        ...(endpoints.length > 2 ? { atHub: true } : {}),
        plugged: !unplugged.some((other) => other.node === node && other.nic === nic),
      },
    ]
  }
  const machines = variant.nodes
    .filter((node) => node.namespaceOf === undefined)
    .map((node): PlannedMachine => {
      const nics = variant.links.flatMap((link, cable) =>
        link.endpoints.flatMap(({ node: name }, end) => (name === node.name ? nicAt(link, cable, end) : [])),
      )
      return {
        name: node.name,
        memoryMiB: node.memoryMiB ?? defaultMemoryMiB,
        cpus: node.cpus ?? 1,
        image: images.get(node.name) ?? defaultImage,
        requires: [...(variant.machines?.requires ?? []), ...(node.machine?.requires ?? [])],
        nics,
      }
    })
  const cables = variant.links.map(({ endpoints }) => ({ endpoints: endpoints.map(renderEndpoint) }))
  return { lab, variant, machines, cables }
}

/**
 * The name of the image of each machine of a variant, by the machine's: what the node names, or else `chosen`, or else
 * what the lab names; with the packages that are asked for. Pure.
 */
export const machineImages = ({ nodes, machines: all }: Variant, chosen?: string): ReadonlyMap<string, string> =>
  new Map(
    nodes
      .filter(({ namespaceOf }) => namespaceOf === undefined)
      .map(({ name, machine: own }) => {
        const recipe = own?.image ?? chosen ?? all?.image ?? defaultImage
        return [name, renderImageName({ recipe, packages: [...(all?.packages ?? []), ...(own?.packages ?? [])] })]
      }),
  )

/**
 * The MAC of a NIC: the same in every run, so that outputs can be compared, and unique in the lab. Its first octet
 * says "locally administered, unicast" (IEEE 802, 8.2.2).
 */
function macFor(lab: string, node: string, nic: string, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const digest = createHash('sha256')
      .update(JSON.stringify([lab, node, nic, attempt]))
      .digest('hex')
    const mac = `02:${(digest.slice(0, 10).match(/../g) ?? []).join(':')}`
    if (taken.has(mac)) continue
    taken.add(mac)
    return mac
  }
}
