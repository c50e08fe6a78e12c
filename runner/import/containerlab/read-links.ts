import { whyNoNicName } from '../../../assertions/parts/nic-name.ts'
import { shellLine } from '../../host/shell-words.ts'
import type { Endpoint } from '../../lab/lab.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { parseEndpoint } from '../../lab/text/endpoint.ts'
import { fieldOf } from '../../lab/text/mapping.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import type { Segment } from '../importer.ts'
import type { NodesContext } from './read-node.ts'

/** Cables, and the lines that set their ends as a topology wants them, by the node's own name. */
export interface Links {
  readonly segments: readonly Segment[]
  readonly lines: ReadonlyMap<string, readonly string[]>
}

interface End extends Endpoint {
  readonly lines: readonly string[]
}

type LinksContext = Pick<NodesContext, 'report' | 'names' | 'nodes'> & { readonly taken: Set<string> }

/** Names that stand for the host in place of a node. */
const ofHost: ReadonlySet<string> = new Set(['host', 'mgmt-net', 'macvlan'])

/** Reads `links`, in the short form and in that with a type. */
export function readLinks(links: unknown, nodesContext: Pick<NodesContext, 'report' | 'names' | 'nodes'>): Links {
  const context = { ...nodesContext, taken: new Set<string>() }
  const list: readonly unknown[] = Array.isArray(links) ? links : []
  const read = list.map((link, at) => readLink(link, ['topology', 'links', at], context))
  const lines = new Map<string, string[]>()
  for (const end of read.flat()) lines.set(end.node, [...(lines.get(end.node) ?? []), ...end.lines])
  const named = ({ node, nic }: Endpoint): Endpoint => ({ node: context.names.get(node) ?? node, nic })
  return { segments: read.filter((ends) => ends.length > 0).map((ends) => ({ ends: ends.map(named) })), lines }
}

function readLink(link: unknown, path: Path, context: LinksContext): readonly End[] {
  const { report } = context
  const type = fieldOf(link, 'type') ?? 'veth'
  const mtu = fieldOf(link, 'mtu')
  const more = typeof mtu === 'number' ? [['mtu', String(mtu)]] : []
  if (type === 'dummy') return readEnd(fieldOf(link, 'endpoint'), [...path, 'endpoint'], more, context)
  if (type !== 'veth') {
    report.error([...path, 'type'], {
      message: `cannot import a link of type ${type}: cables join machines, and nothing of the host`,
      hint: 'only veth and dummy can be imported: put a node in the place of the host',
    })
    return []
  }
  const endpoints = fieldOf(link, 'endpoints')
  if (!Array.isArray(endpoints) || endpoints.length !== 2) {
    report.error(endpoints === undefined ? path : [...path, 'endpoints'], {
      message: 'cannot import a link: expected its two endpoints',
    })
    return []
  }
  const ends = endpoints.flatMap((end: unknown, at) => readEnd(end, [...path, 'endpoints', at], more, context))
  return ends.length === 2 ? ends : []
}

/** Reads `node:interface`, or a mapping of node, interface and more; none after a mistake is reported. */
function readEnd(end: unknown, path: Path, more: readonly string[][], context: LinksContext): readonly End[] {
  const { report, nodes, taken } = context
  const short = typeof end === 'string' && end.includes(':') ? parseEndpoint(end) : undefined
  const [node, nic] = [short?.node ?? fieldOf(end, 'node'), short?.nic ?? fieldOf(end, 'interface')]
  const refuse = (cause: string, hint?: string, nearest?: () => string | undefined): readonly End[] => {
    report.error(path, { message: `cannot plug a cable into ${node}:${nic}: ${cause}`, hint, nearest })
    return []
  }
  if (typeof node !== 'string' || typeof nic !== 'string') {
    report.error(path, { message: 'cannot import an endpoint: expected node:interface' })
    return []
  }
  if (!nodes.includes(node))
    return ofHost.has(node)
      ? refuse('it is the host, of which nothing is touched', 'put a node in its place')
      : refuse(`there is no node "${node}"`, undefined, () => nearestWord(node, nodes))
  const wrong = whyNoNicName(nic)
  if (wrong !== undefined) return refuse(`expected ${wrong}`)
  if (taken.has(`${node}:${nic}`)) return refuse('it has a cable already')
  taken.add(`${node}:${nic}`)
  return [{ node, nic, lines: linesOf(end, nic, more) }]
}

function linesOf(end: unknown, nic: string, more: readonly string[][]): readonly string[] {
  const set = [...(typeof fieldOf(end, 'mac') === 'string' ? [['address', String(fieldOf(end, 'mac'))]] : []), ...more]
  const addresses = ['ipv4', 'ipv6'].map((key) => fieldOf(end, key)).filter((value) => typeof value === 'string')
  return [
    ...set.map((words) => shellLine(['ip', 'link', 'set', nic, ...words])),
    ...addresses.map((address) => shellLine(['ip', 'addr', 'add', address, 'dev', nic])),
  ]
}
