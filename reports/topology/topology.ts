import { type Impairment, isImpaired, type LabEvent, renderImpairment, type Topology } from '../../runner/events.ts'
import { oneLine } from '../text/plain-text.ts'

/** What is drawn of a lab: its machines with what is in them, and the cables between them. */
export interface Drawing {
  readonly machines: readonly DrawnMachine[]
  readonly cables: readonly DrawnCable[]
  /** Names of the hubs, at which cables end. */
  readonly hubs: readonly string[]
  /** What joins interfaces within machines; only where their kernels were asked. */
  readonly joins?: readonly DrawnJoin[]
}

/** A box. */
export interface DrawnMachine extends DrawnRoom {
  readonly namespaces: readonly DrawnRoom[]
  readonly nics: readonly DrawnNic[]
  /** How it is when it doesn't just run: crashed, stopped, frozen. */
  readonly state?: string
}

/** A network namespace; with its interfaces where its kernel was asked. */
export interface DrawnRoom extends DrawnNode {
  readonly interfaces?: readonly DrawnInterface[]
}

/** An interface as its kernel tells. */
export interface DrawnInterface {
  /** Unique in the drawing; of the end of a cable its endpoint. */
  readonly id: string
  /** Its name first. */
  readonly lines: readonly string[]
  readonly look: 'nic' | 'switch' | 'inner'
  readonly isDown: boolean
}

/** A veth pair, a part of a bridge or bond, or what is on another interface. Drawn with `upper` above `lower`. */
export interface DrawnJoin {
  readonly upper: string
  readonly lower: string
  readonly kind: 'veth' | 'member' | 'on'
  /** Nothing passes: a port that blocks, a bond's member in reserve. */
  readonly isIdle: boolean
}

/** What has a name, and maybe an address. */
export interface DrawnNode {
  readonly name: string
  readonly address?: string
}

/** The end of a cable. */
export interface DrawnNic {
  /** `machine:nic`. */
  readonly endpoint: string
  readonly name: string
  /** It was taken out of its machine. */
  readonly unplugged: boolean
}

/** A line between two NICs, or a NIC and a hub. */
export interface DrawnCable {
  readonly endpoints: readonly [string, string]
  /** How it is when it isn't whole: down, silent, or what was done to its frames. */
  readonly state?: string
  /** Frames get through, though worse. */
  readonly carries: boolean
}

/** What to draw of a topology after these things happened to it, in this order. */
export function drawTopology({ nodes, links }: Topology, happened: readonly LabEvent[] = []): Drawing {
  const states = statesAfter(happened)
  const unplugged = new Set(links.flatMap((link) => link.unplugged ?? []))
  const isUnplugged = (endpoint: string) =>
    (states.nics.get(endpoint) ?? (unplugged.has(endpoint) ? 'unplugged' : 'plugged')) === 'unplugged'
  const nicsOf = (machine: string) =>
    links
      .flatMap(({ endpoints }) => endpoints)
      .filter((endpoint) => partsOf(endpoint).node === machine)
      .map((endpoint) => ({
        endpoint,
        name: partsOf(endpoint).nic,
        unplugged: isUnplugged(endpoint),
      }))
  return {
    machines: nodes
      .filter(({ namespaceOf }) => namespaceOf === undefined)
      .map((machine) => ({
        ...nodeOf(machine),
        namespaces: nodes.filter(({ namespaceOf }) => namespaceOf === machine.name).map(nodeOf),
        nics: nicsOf(machine.name),
        ...stateOf(states.machines.get(machine.name)),
      })),
    cables: links.flatMap((link, index) => {
      const hub = hubOf(link, index)
      return hub === undefined
        ? [cableOf(link, link.endpoints, states)]
        : link.endpoints.map((end) => cableOf(link, [end, hub], states))
    }),
    hubs: links.flatMap((link, index) => hubOf(link, index) ?? []),
  }
}

/** What lines of a drawing can end at, hubs apart: ends of cables and interfaces. */
export const endsIn = (machines: Drawing['machines']): readonly string[] =>
  machines.flatMap(({ nics, ...machine }) => [
    ...nics.map(({ endpoint }) => endpoint),
    ...[machine, ...machine.namespaces].flatMap(({ interfaces = [] }) => interfaces.map(({ id }) => id)),
  ])

/** What was done last to each thing, by its name; of links the last one comes last. */
interface States {
  readonly links: Map<string, string>
  readonly impairments: Map<string, Impairment>
  readonly machines: Map<string, string>
  readonly nics: Map<string, string>
}

function statesAfter(happened: readonly LabEvent[]): States {
  const states: States = { links: new Map(), impairments: new Map(), machines: new Map(), nics: new Map() }
  for (const event of happened) {
    if (event.kind === 'machine') states.machines.set(event.node, event.state)
    else if (event.kind === 'nic') states.nics.set(nameOf(event), event.state)
    else if (event.kind === 'impair') states.impairments.set(nameOf(event), event.impairment)
    else if (event.kind === 'link') {
      const { state, direction } = event
      states.links.delete(nameOf(event))
      states.links.set(nameOf(event), direction === 'both' ? state : `${state} (${direction})`)
    }
  }
  return states
}

/** What the hub is called of a link with more than two ends. */
const hubOf = ({ endpoints }: Topology['links'][number], index: number) =>
  endpoints.length > 2 ? `hub ${index + 1}` : undefined

const nameOf = ({ endpoint: { node, nic } }: Extract<LabEvent, { endpoint: unknown }>) => `${node}:${nic}`

function cableOf(
  { impairment, impairments: atEnds = {} }: Topology['links'][number],
  [left = '', right = '']: readonly string[],
  { links, impairments }: States,
): DrawnCable {
  const endpoints = [left, right] as const
  // Either end names the cable; what was done last holds.
  const link = [...links].findLast(([endpoint]) => endpoints.includes(endpoint))?.[1]
  if (link !== undefined && link !== 'up') return { endpoints, state: link, carries: false }
  const declaredAt = (end: string) => (Object.hasOwn(atEnds, end) ? atEnds[end] : impairment)
  // A hub has no name of an end.
  const ends = endpoints.filter((end) => end.includes(':'))
  const worse = ends.flatMap((end) => impairments.get(end) ?? declaredAt(end) ?? []).filter(isImpaired)
  return worse.length === 0
    ? { endpoints, carries: true }
    : { endpoints, state: oneLine([...new Set(worse.map(renderImpairment))].join('; ')), carries: true }
}

const stateOf = (state: string | undefined) => (state === undefined || state === 'running' ? {} : { state })

const nodeOf = ({ name, address }: Topology['nodes'][number]): DrawnNode => ({
  name: oneLine(name, 60),
  ...(address === undefined ? {} : { address: oneLine(address, 60) }),
})

function partsOf(endpoint: string) {
  const colon = endpoint.indexOf(':')
  return { node: endpoint.slice(0, colon), nic: oneLine(endpoint.slice(colon + 1), 40) }
}

/** The drawing in words, for those who can't see it. */
export function describeDrawing({ machines, cables, joins = [] }: Drawing): string {
  const names = new Map(
    machines.flatMap((machine) =>
      [machine, ...machine.namespaces].flatMap(({ name, interfaces = [] }) =>
        interfaces.map(({ id, lines: [own = ''] }) => [id, `${name}:${own}`] as const),
      ),
    ),
  )
  return [
    ...machines.map(({ name, namespaces, state, interfaces }) => {
      const inside = namespaces.length === 0 ? '' : ` with ${namespaces.map(describeRoom).join(', ')} inside`
      return `machine ${describeRoom({ name, ...(interfaces && { interfaces }) })}${inside}${state === undefined ? '' : ` (${state})`}`
    }),
    ...joins.map(
      ({ upper, lower, kind, isIdle }) =>
        `${names.get(upper)} ${joinWords[kind]} ${names.get(lower)}${isIdle ? ' (idle)' : ''}`,
    ),
    ...cables.map(
      ({ endpoints, state }) =>
        `cable ${endpoints.map((end) => oneLine(end, 100)).join(' to ')}${state === undefined ? '' : ` (${state})`}`,
    ),
  ].join('; ')
}

const joinWords = { veth: 'is a veth pair with', member: 'is joined to', on: 'is on' } as const

const describeRoom = ({ name, interfaces = [] }: DrawnRoom) =>
  interfaces.length === 0 ? name : `${name} (${interfaces.map(({ lines }) => lines.join(' ')).join(', ')})`
