import type { ObservedInterface, ObservedNamespace } from '../events.ts'

/** The end of a cable, `node:interface`, whose NIC has this address from the beginning. */
export type EndpointOf = (mac: string) => string | undefined

/**
 * The network namespaces of a machine, its own first, of what show-network.sh printed; undefined when that is not whole.
 * Loopback interfaces are left out, and namespaces in which a process is and nothing else.
 */
export function parseNetwork(text: string, endpointOf: EndpointOf): readonly ObservedNamespace[] | undefined {
  const lines = text.split('\n')
  if (lines.length % 4 !== 2 || lines.at(-2) !== 'end') return undefined
  try {
    const all: RawNamespace[] = []
    for (let at = 0; at < lines.length - 2; at += 4) all.push(readNamespace(lines.slice(at, at + 4), all))
    return all
      .filter(({ how, links }) => how !== 'held' || links.length > 0)
      .map((namespace) => ({
        name: namespace.name,
        interfaces: namespace.links.map((link) => interfaceOf(link, namespace, all, endpointOf)),
      }))
  } catch {
    return undefined
  }
}

/** A namespace as its tools print it. */
interface RawNamespace {
  readonly name: string
  readonly how: 'own' | 'named' | 'held'
  readonly links: readonly RawLink[]
  readonly ports: readonly { readonly ifname: string; readonly vlans?: readonly RawVlan[] }[]
  /** Names of others, by the numbers that it has for them. */
  readonly names: readonly { readonly nsid: number; readonly name?: string }[]
}

/** What is read of a link. See print_linkinfo in ip/ipaddress.c of iproute2. */
interface RawLink {
  readonly ifindex: number
  readonly ifname: string
  readonly flags?: readonly string[]
  readonly master?: string
  /** The name of the other in the same namespace; one in another is known by numbers. */
  readonly link?: string | null
  readonly link_index?: number
  readonly link_netnsid?: number
  readonly address?: string
  readonly permaddr?: string
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number; readonly scope?: string }[]
  readonly linkinfo?: {
    readonly info_kind?: string
    readonly info_data?: { readonly mode?: string; readonly id?: number; readonly link?: string } & Partial<
      Record<'remote' | 'remote6' | 'group' | 'group6', string>
    >
    readonly info_slave_data?: { readonly state?: string }
  }
}

interface RawVlan {
  readonly vlan: number
  readonly vlanEnd?: number
  readonly flags?: readonly string[]
}

function readNamespace(
  [title = '', links = '', ports = '', names = '']: readonly string[],
  others: readonly RawNamespace[],
) {
  const [how = '', ...words] = title.split(' ')
  if (how !== 'own' && how !== 'named' && how !== 'held') throw new Error('this is no namespace')
  const called = words.join(' ')
  const same = others.filter(({ name }) => name === called || name.startsWith(`${called} (`)).length
  return {
    name: same === 0 ? called : `${called} (${same + 1})`,
    how,
    links: (parseList(links) as RawLink[]).filter(({ flags }) => !flags?.includes('LOOPBACK')),
    ports: parseList(ports) as RawNamespace['ports'],
    names: parseList(names) as RawNamespace['names'],
  } as const
}

/** A list in JSON. What isn't there in a list is printed as an empty object. */
const parseList = (text: string): readonly unknown[] =>
  text === '' ? [] : (JSON.parse(text) as readonly object[]).filter((one) => Object.keys(one).length > 0)

function interfaceOf(
  link: RawLink,
  namespace: RawNamespace,
  all: readonly RawNamespace[],
  endpointOf: EndpointOf,
): ObservedInterface {
  const { ifname: name, flags = [], address = '', permaddr = address, master, addr_info = [], linkinfo = {} } = link
  const {
    info_kind: kind,
    info_data: { mode, id, remote, remote6, group, group6 } = {},
    info_slave_data = {},
  } = linkinfo
  const endpoint = kind === undefined ? endpointOf(permaddr) : undefined
  const other = otherOf(link, namespace, all)
  const part = partOf(info_slave_data.state)
  const to = remote ?? remote6 ?? group ?? group6
  const vlans = namespace.ports.filter(({ ifname }) => ifname === name).flatMap((port) => port.vlans ?? [])
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(endpoint === undefined ? {} : { endpoint }),
    state: !flags.includes('UP') ? 'down' : flags.includes('LOWER_UP') ? 'up' : 'no carrier',
    addresses: addr_info.flatMap(({ local, prefixlen, scope }) =>
      local === undefined || scope === 'link' ? [] : [`${local}/${prefixlen}`],
    ),
    ...(master === undefined ? {} : { master }),
    ...(part === undefined ? {} : { part }),
    ...(other === undefined ? {} : { other }),
    ...(mode === undefined ? {} : { mode }),
    ...(id === undefined ? {} : { id }),
    ...(to === undefined ? {} : { remote: to }),
    ...(vlans.length === 0 ? {} : { vlans: vlans.map(renderVlan) }),
  }
}

/** Bonds tell of their members in capitals, bridges of their ports in small letters. */
const partOf = (state: string | undefined) =>
  (['blocking', 'active', 'backup'] as const).find((part) => part === state?.toLowerCase())

/**
 * What a link is on, or its peer. One in another namespace has that one's number here, which has a name only where the
 * namespace has; any other is the machine's own, or else one that a process holds, in which there is such a link.
 */
function otherOf(link: RawLink, namespace: RawNamespace, all: readonly RawNamespace[]): ObservedInterface['other'] {
  const { ifindex, link_index: index, link_netnsid: number, linkinfo = {} } = link
  const here = link.link ?? linkinfo.info_data?.link
  if (typeof here === 'string') return { namespace: namespace.name, name: here }
  if (number === undefined) return undefined
  const name = namespace.names.find(({ nsid }) => nsid === number)?.name
  for (const one of all) {
    if (one === namespace || (name === undefined ? one.how === 'named' : one.name !== name)) continue
    const found = one.links.find(
      (far) => far.ifindex === index && (linkinfo.info_kind !== 'veth' || far.link_index === ifindex),
    )
    if (found !== undefined) return { namespace: one.name, name: found.ifname }
  }
  return undefined
}

const renderVlan = ({ vlan, vlanEnd, flags = [] }: RawVlan) =>
  [vlanEnd === undefined ? vlan : `${vlan}-${vlanEnd}`, ...(flags.includes('PVID') ? ['PVID'] : [])].join(' ')
