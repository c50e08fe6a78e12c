import type { LabEvent, ObservedInterface, ObservedMachine, ObservedNamespace, Topology } from '../../runner/events.ts'
import { oneLine } from '../text/plain-text.ts'
import { type Drawing, type DrawnInterface, type DrawnJoin, type DrawnRoom, drawTopology } from './topology.ts'

/** More in one machine are told by their number alone. */
const mostInterfaces = 80
const mostLines = 6

/**
 * What to draw of a network as its kernels say that it is, with the cables as what happened left them. A machine that
 * could not tell is drawn as the lab declares it.
 */
export function drawNetwork(
  topology: Topology,
  observed: readonly ObservedMachine[],
  happened: readonly LabEvent[] = [],
): Drawing {
  const declared = drawTopology(topology, happened)
  const joins: DrawnJoin[] = []
  const machines = declared.machines.map((machine) => {
    const seen = observed.find(({ name }) => oneLine(name, 60) === machine.name)
    if (seen === undefined) return machine
    const [own, ...others] = bound(seen)
    if (own === undefined) return { state: oneLine(seen.trouble ?? '', 60), ...machine }
    const { address: _, ...rest } = machine
    const all = [own, ...others]
    joins.push(...all.flatMap((namespace) => joinsOf(namespace, all, seen.name)))
    const ends = new Set(all.flatMap(({ interfaces }) => interfaces.map(({ endpoint }) => endpoint)))
    return {
      ...rest,
      nics: machine.nics.filter(({ endpoint }) => !ends.has(endpoint)),
      interfaces: drawRoom(own, seen.name).interfaces ?? [],
      namespaces: others.map((namespace) => drawRoom(namespace, seen.name)),
    }
  })
  return { ...declared, machines, joins }
}

function bound({ namespaces }: ObservedMachine): readonly ObservedNamespace[] {
  let left = mostInterfaces
  return namespaces.map(({ name, interfaces }) => {
    const shown = interfaces.slice(0, left)
    left -= shown.length
    const more = interfaces.length - shown.length
    const told = { name: `and ${more} more`, state: 'up', addresses: [] } as const
    return { name, interfaces: more === 0 ? shown : [...shown, told] }
  })
}

const drawRoom = ({ name, interfaces }: ObservedNamespace, machine: string): DrawnRoom => ({
  name: oneLine(name, 60),
  interfaces: interfaces.map((one) => drawInterface(one, idOf(machine, name, one))),
})

const idOf = (machine: string, namespace: string, { endpoint, name }: Pick<ObservedInterface, 'endpoint' | 'name'>) =>
  endpoint ?? JSON.stringify([machine, namespace, name])

function drawInterface(one: ObservedInterface, id: string): DrawnInterface {
  const { name, kind, endpoint, state, part, addresses, vlans = [] } = one
  const wasCalled = endpoint?.slice(endpoint.indexOf(':') + 1)
  const lines = [
    ...(wasCalled === undefined || wasCalled === name ? [] : [`(${wasCalled})`]),
    ...(kind === undefined || kind === 'veth' ? [] : [renderKind(kind, one)]),
    ...(vlans.length === 0 ? [] : [`VLANs ${vlans.join(', ')}`]),
    ...(state === 'up' ? [] : [state]),
    ...(part === undefined ? [] : [part]),
    ...addresses,
  ].map((line) => oneLine(line, 60))
  const more = lines.length - mostLines
  const look = kind === undefined ? 'nic' : ['bridge', 'bond', 'vrf'].includes(kind) ? 'switch' : 'inner'
  return {
    id,
    lines: [oneLine(name, 40), ...lines.slice(0, mostLines), ...(more > 0 ? [`and ${more} more`] : [])],
    look,
    isDown: state === 'down',
  }
}

function renderKind(kind: string, { mode, id, remote }: ObservedInterface): string {
  if (kind === 'vlan') return `VLAN ${id}`
  if (kind === 'vxlan') return `VXLAN ${id ?? ''}${remote === undefined ? '' : ` to ${remote}`}`
  return mode === undefined ? kind : `${kind}, ${mode}`
}

/** What joins the interfaces of a namespace to others, each pair once: what is nearer to a cable lies lower. */
function joinsOf(
  { name: namespace, interfaces }: ObservedNamespace,
  all: readonly ObservedNamespace[],
  machine: string,
): DrawnJoin[] {
  const find = (where: string, called: string) =>
    all.find(({ name }) => name === where)?.interfaces.find(({ name }) => name === called)
  return interfaces.flatMap((one) => {
    const own = idOf(machine, namespace, one)
    const isIdle = one.part === 'blocking' || one.part === 'backup' || one.state === 'down'
    const joins: DrawnJoin[] = []
    const master = one.master === undefined ? undefined : find(namespace, one.master)
    if (master !== undefined) {
      const id = idOf(machine, namespace, master)
      const isAbove = master.kind === 'bridge' && !leadsOut(one)
      joins.push({ ...(isAbove ? { upper: own, lower: id } : { upper: id, lower: own }), kind: 'member', isIdle })
    }
    const other = one.other === undefined ? undefined : find(one.other.namespace, one.other.name)
    if (one.other === undefined || other === undefined) return joins
    const id = idOf(machine, one.other.namespace, other)
    if (one.kind !== 'veth') joins.push({ upper: own, lower: id, kind: 'on', isIdle })
    else if (isUpperEnd([namespace, one], [one.other.namespace, other]))
      joins.push({ upper: own, lower: id, kind: 'veth', isIdle: isIdle || other.state === 'down' })
    return joins
  })
}

/** Whether a bridge reaches others by this port. */
const leadsOut = ({ endpoint, kind, other }: ObservedInterface) =>
  endpoint !== undefined || kind === 'bond' || kind === 'vxlan' || (kind !== 'veth' && other !== undefined)

type VethEnd = readonly [namespace: string, end: ObservedInterface]

/** Of a pair the end in a container lies above that in the machine, and a free one above a port. */
function isUpperEnd([namespace, { master, name }]: VethEnd, [farNamespace, far]: VethEnd): boolean {
  const [own, others] = [
    [namespace, master],
    [farNamespace, far.master],
  ].map(([where, bridge]) => (where === '' ? 2 : 0) + (bridge === undefined ? 0 : 1)) as [number, number]
  return own === others ? `${namespace}\n${name}` < `${farNamespace}\n${far.name}` : own < others
}
