import { shellLine } from '../host/shell-words.ts'
import { type Address, addressesIn, areNeighbours } from './addresses.ts'
import { connect, type Wiring } from './connect.ts'
import type { ImportedFile, ImportedMachine, Topology } from './importer.ts'
import { ipLines } from './ip-lines.ts'

/** A lab as it will be written. */
export interface ImportedLab {
  readonly title: string
  readonly summary: string
  /** Debian's packages that its images stood for, each once. */
  readonly packages: readonly string[]
  readonly nodes: readonly { readonly name: string; readonly address?: string }[]
  readonly cables: Wiring['cables']
  readonly steps: readonly ImportedStep[]
  readonly claims: readonly Claim[]
  /** Each once, by where it lies. */
  readonly files: readonly ImportedFile[]
}

export interface ImportedStep {
  readonly node: string
  readonly copy: readonly ImportedFile[]
  readonly stays?: string
  readonly commands: readonly string[]
}

/** That one node reaches an address. */
export interface Claim {
  readonly from: string
  /** A node by its address, or an address. */
  readonly to: string
}

/** Makes a lab of a topology: a step for each machine, and pings where their addresses make them obvious. */
export function makeLab({ name, summary, machines: original, segments }: Topology): ImportedLab {
  const machines = original.map((one) => ({ ...one, commands: one.commands.flatMap(ipLines) }))
  const wiring = connect({ machines, segments })
  const nics = nicsOf(wiring)
  const known = machines.map(({ name: node, commands }) => ({ node, addresses: addressesIn(commands) }))
  const claims = claimsOf(known)
  const addressOf = firstAddresses(known, claims)
  const steps = wiring.machines.map((machine) => stepOf(machine, nics.get(machine.name) ?? [], wiring))
  const files = new Map(machines.flatMap((machine) => machine.files).map((file) => [file.from, file]))
  return {
    title: oneLine(name).slice(0, 100) || 'An imported topology',
    summary: oneLine(summary),
    packages: [...new Set(machines.flatMap(({ packages }) => packages))],
    nodes: wiring.machines.map((machine) => {
      const address = addressOf.get(machine.name)
      return { name: machine.name, ...(address === undefined ? {} : { address }) }
    }),
    cables: wiring.cables,
    steps: steps.filter(({ commands, copy, stays }) => commands.length + copy.length > 0 || stays !== undefined),
    claims: claims.map(({ from, to }) => ({ from, to: nodeWith(addressOf, to) ?? to })),
    files: [...files.values()],
  }
}

const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\s]+/gu, ' ').trim()

function nicsOf({ cables }: Wiring): ReadonlyMap<string, readonly string[]> {
  const nics = new Map<string, string[]>()
  for (const end of cables.flat()) {
    const [node = '', nic = ''] = end.split(':')
    nics.set(node, [...(nics.get(node) ?? []), nic])
  }
  return nics
}

function stepOf(machine: ImportedMachine, nics: readonly string[], { loose }: Wiring): ImportedStep {
  const { name, files, stays, isSwitch } = machine
  const dummies = loose.filter(({ node }) => node === name).map(({ nic }) => nic)
  const up = [...dummies, ...nics].map((nic) => shellLine(['ip', 'link', 'set', nic, 'up']))
  const commands = isSwitch
    ? bridgeOf(nics)
    : [
        ...dummies.map((nic) => shellLine(['ip', 'link', 'add', nic, 'type', 'dummy'])),
        ...up,
        ...(forwards(machine, nics) ? ['sysctl -w net.ipv4.ip_forward=1'] : []),
        ...files.filter((file) => file.isExecutable).map(({ to }) => shellLine(['chmod', '+x', to])),
        ...machine.commands,
      ]
  return { node: name, copy: files, commands, ...(stays === undefined ? {} : { stays }) }
}

const bridgeOf = (nics: readonly string[]): readonly string[] => [
  'ip link add bridge0 type bridge',
  'ip link set bridge0 up',
  ...nics.map((nic) => shellLine(['ip', 'link', 'set', nic, 'master', 'bridge0', 'up'])),
]

/** Containers forward, because the host that runs them does; a topology that says it itself may say otherwise. */
const forwards = ({ commands }: ImportedMachine, nics: readonly string[]): boolean =>
  nics.length > 1 && !commands.some((line) => line.includes('ip_forward'))

interface KnownNode {
  readonly node: string
  readonly addresses: readonly Address[]
}

const maxClaims = 12

/** In each network its first node reaches the others; of many networks and nodes, some. */
function claimsOf(known: readonly KnownNode[]): readonly Claim[] {
  const all = known.flatMap(({ node, addresses }) => addresses.map((address) => ({ node, address })))
  const claims: Claim[] = []
  const met = new Set<(typeof all)[number]>()
  for (const first of all) {
    if (met.has(first)) continue
    const others = all.filter(({ node, address }) => node !== first.node && areNeighbours(first.address, address))
    for (const other of others) met.add(other)
    claims.push(...others.slice(0, 4).map(({ address }) => ({ from: first.node, to: address.address })))
  }
  return claims.slice(0, maxClaims)
}

/** The address by which a lab knows each node: one that is pinged, or its first; none that another has too. */
function firstAddresses(known: readonly KnownNode[], claims: readonly Claim[]): ReadonlyMap<string, string> {
  const pinged = new Set(claims.map(({ to }) => to))
  const times = Map.groupBy(
    known.flatMap(({ addresses }) => addresses),
    ({ address }) => address,
  )
  return new Map(
    known.flatMap(({ node, addresses }) => {
      const own = addresses.filter(({ address }) => times.get(address)?.length === 1)
      const found = own.find(({ address }) => pinged.has(address)) ?? own[0]
      return found === undefined ? [] : [[node, found.address] as const]
    }),
  )
}

const nodeWith = (addresses: ReadonlyMap<string, string>, wanted: string): string | undefined =>
  [...addresses].find(([, address]) => address === wanted)?.[0]
