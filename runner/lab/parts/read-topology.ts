import { canonicalAddress } from '../../../assertions/parts/parameters.ts'
import type { Endpoint, Link, Node } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { linkSchema, memoryMiBOf, nodeNameSchema, nodeSchema } from '../schema/schema.ts'
import { impairmentOf, type impairmentSchema, type linkImpairmentSchema } from '../schema/schema-impairment.ts'
import type { Path } from '../text/diagnostics.ts'
import { parseEndpoint, renderEndpoint } from '../text/endpoint.ts'
import { listNames } from '../text/list-names.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import { fillIn } from '../values/fill.ts'
import { readMachineWish } from './read-machine.ts'
import type { DeclaredTopology, VariantContext } from './variant-context.ts'

const namespaceKey = 'namespace-of'

type RawNode = { readonly name: string; readonly namespaceOf?: string | undefined; readonly node: Node }

/** Reads `nodes` and `links` of a variant; what has a mistake is left out after it is reported. */
export function readTopology(nodes: unknown, links: unknown, context: VariantContext): DeclaredTopology {
  const raw = readNodes(nodes, context)
  const declared = Object.entries(asMapping(nodes) ?? {})
  const nodeNames = new Set(declared.map(([name]) => name))
  // A node with mistakes is what it would be without them: they are reported once.
  const machines = new Set(
    declared.flatMap(([name, node]) => (fieldOf(node, namespaceKey) === undefined ? [name] : [])),
  )
  if (nodeNames.size > 0 && raw.length === nodeNames.size && machines.size === 0) {
    context.report(['nodes'], {
      message: 'cannot run a lab without a machine: every node is a namespace of another',
      hint: 'declare one as a machine: host: {}',
      atKey: true,
    })
  }
  for (const node of raw) checkNamespace(node, machines, nodeNames, context)
  const nodesRead = raw.map(({ node }) => node)
  checkAddresses(nodesRead, context)
  const linksRead = readLinks(links, machines, nodeNames, context)
  return {
    nodes: nodesRead,
    byName: new Map(nodesRead.map((node) => [node.name, node])),
    links: linksRead,
    cableEnds: new Set(linksRead.flatMap(({ endpoints }) => endpoints.map(renderEndpoint))),
    nodeNames,
  }
}

function readNodes(nodes: unknown, context: VariantContext): readonly RawNode[] {
  const mapping = asMapping(nodes)
  if (mapping === undefined || Object.keys(mapping).length === 0) {
    const isMissing = nodes === undefined || nodes === null || mapping !== undefined
    context.report(['nodes'], {
      message: isMissing
        ? 'cannot run a lab without a machine: it has no nodes'
        : 'cannot use this as nodes: expected a mapping',
      hint: 'declare at least one machine: nodes: { host: {} }',
      atKey: true,
    })
    return []
  }
  return Object.entries(mapping).flatMap(([name, value]) => {
    const path = ['nodes', name]
    const named = nodeNameSchema.safeParse(name)
    if (!named.success) {
      context.report(path, {
        message: `cannot use node name "${name}": ${named.error.issues[0]?.message}`,
        atKey: true,
      })
    }
    const filled = fillIn(value, path, context.values, context.report)
    const shape = checkShape(nodeSchema, filled.value, path, context.report, filled)
    return shape === undefined ? [] : [makeNode(name, shape.value, context)]
  })
}

/** Keys of a node that only a machine can have. */
const ofMachines = ['memory', 'cpus', 'image', 'packages', 'requires'] as const

function makeNode(name: string, raw: typeof nodeSchema._output, context: VariantContext): RawNode {
  const { 'namespace-of': namespaceOf, address, memory, cpus } = raw
  for (const key of ofMachines) {
    if (namespaceOf === undefined || raw[key] === undefined) continue
    context.report(['nodes', name, key], {
      message: `cannot give ${key} to "${name}": it is a namespace, say it of its machine`,
      atKey: true,
    })
  }
  const machine = readMachineWish(raw, ['nodes', name], context)
  const memoryMiB = memory === undefined ? undefined : memoryMiBOf(memory)
  const node: Node = {
    name,
    ...(namespaceOf === undefined ? {} : { namespaceOf }),
    ...(address === undefined ? {} : { address }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(machine === undefined ? {} : { machine }),
  }
  return { name, namespaceOf, node }
}

/** Expectations find a node by its address. */
function checkAddresses(nodes: readonly Node[], { report }: VariantContext): void {
  const owners = new Map<string, string>()
  for (const { name, address } of nodes) {
    if (address === undefined) continue
    const owner = owners.get(canonicalAddress(address))
    owners.set(canonicalAddress(address), owner ?? name)
    if (owner === undefined) continue
    report(['nodes', name, 'address'], {
      message: `cannot know "${name}" by ${address}: that is the address of "${owner}"`,
      hint: 'an address that moves, or that several have, is of no node: write it where it is asked for',
    })
  }
}

function checkNamespace(
  { name, namespaceOf }: RawNode,
  machines: ReadonlySet<string>,
  nodeNames: ReadonlySet<string>,
  { report }: VariantContext,
): void {
  if (namespaceOf === undefined || machines.has(namespaceOf)) return
  const path: Path = ['nodes', name, 'namespace-of']
  if (!nodeNames.has(namespaceOf)) {
    report(path, {
      message: `cannot make "${name}" a namespace of "${namespaceOf}": no node has this name`,
      nearest: () => nearestWord(namespaceOf, machines),
    })
  } else if (machines.size > 0) {
    report(path, {
      message: `cannot make "${name}" a namespace of "${namespaceOf}": that is a namespace itself`,
      hint: () => `expected a machine: ${listNames(machines)}`,
    })
  }
}

function readLinks(
  links: unknown,
  machines: ReadonlySet<string>,
  nodeNames: ReadonlySet<string>,
  context: VariantContext,
): readonly Link[] {
  if (links === undefined || links === null) return []
  if (!Array.isArray(links)) {
    context.report(['links'], { message: 'cannot use this as links: expected a list', atKey: true })
    return []
  }
  const taken = new Map<string, number>()
  const addresses = new Map<string, string>()
  return links.flatMap((value: unknown, index): Link[] => {
    const path = ['links', index]
    const filled = fillIn(value, path, context.values, context.report)
    const shape = checkShape(linkSchema, filled.value, path, context.report, filled)
    if (shape === undefined) return []
    const ends = shape.value.endpoints.map((text, end) => {
      const endpoint = parseEndpoint(text)
      const at = [...path, 'endpoints', end]
      checkMachine(text, endpoint, at, machines, nodeNames, context)
      const other = taken.get(text)
      if (other !== undefined) {
        context.report(at, {
          message: `cannot plug two cables into ${text}: ${other === index ? 'it is named twice here' : `link ${other + 1} has it`}`,
        })
      }
      taken.set(text, index)
      return endpoint
    })
    checkMacs(shape.value.mac ?? {}, addresses, [...path, 'mac'], context)
    return [makeLink(shape.value, ends, path, context)]
  })
}

/** Two machines may have one address, but by its own a machine's NICs are told apart. */
function checkMacs(
  macs: Readonly<Record<string, string>>,
  taken: Map<string, string>,
  path: Path,
  { report }: VariantContext,
): void {
  for (const [end, mac] of Object.entries(macs)) {
    const key = `${parseEndpoint(end).node} ${mac.toLowerCase()}`
    const other = taken.get(key)
    if (other !== undefined) report([...path, end], { message: `cannot give ${mac} to ${end}: ${other} has it` })
    taken.set(key, end)
  }
}

function makeLink(
  { unplugged = [], mtu, mac = {}, impairment, endpoints: texts }: typeof linkSchema._output,
  endpoints: readonly Endpoint[],
  path: Path,
  { report }: VariantContext,
): Link {
  const refuseOthers = (
    named: readonly string[],
    verb: string,
    key: string,
    placeOf: (at: number) => string | number,
  ) => {
    for (const [at, text] of named.entries()) {
      if (texts.includes(text)) continue
      const message = `cannot ${verb} ${text}: it is no end of this link`
      report([...path, key, placeOf(at)], {
        message,
        nearest: () => nearestWord(text, texts),
        hint: `expected ${texts.join(' or ')}`,
        atKey: typeof placeOf(at) === 'string',
      })
    }
  }
  const atEnds = impairment === undefined || isImpairment(impairment) ? {} : impairment
  refuseOthers(unplugged, 'leave unplugged', 'unplugged', (at) => at)
  for (const [key, verb, byEnd] of [
    ['mac', 'give an address to', mac],
    ['impairment', 'impair', atEnds],
  ] as const) {
    const named = Object.keys(byEnd)
    refuseOthers(named, verb, key, (at) => named[at] ?? at)
  }
  const each = <T, U>(byEnd: Readonly<Record<string, T>>, change: (value: T) => U) =>
    Object.fromEntries(Object.entries(byEnd).map(([end, value]) => [end, change(value)]))
  return {
    endpoints,
    ...(unplugged.length === 0 ? {} : { unplugged: unplugged.map(parseEndpoint) }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(Object.keys(mac).length === 0 ? {} : { macs: each(mac, (address) => address.toLowerCase()) }),
    ...(impairment !== undefined && isImpairment(impairment) ? { impairment: impairmentOf(impairment) } : {}),
    ...(Object.keys(atEnds).length === 0 ? {} : { impairments: each(atEnds, impairmentOf) }),
  }
}

/** Whether a link's impairment is one for all ends: no name of an end is a key of it. */
const isImpairment = (impairment: typeof linkImpairmentSchema._output): impairment is typeof impairmentSchema._output =>
  !Object.keys(impairment).some((key) => key.includes(':'))

function checkMachine(
  text: string,
  { node, nic }: Endpoint,
  at: Path,
  machines: ReadonlySet<string>,
  nodeNames: ReadonlySet<string>,
  { report }: VariantContext,
): void {
  if (!nodeNames.has(node)) {
    report(at, {
      message: `cannot plug a cable into ${text}: there is no node "${node}"`,
      nearest: () => nearestWord(node, machines),
      hint: () => `the machines are ${listNames(machines)}`,
    })
  } else if (!machines.has(node)) {
    report(at, { message: `cannot plug a cable into ${text}: "${node}" is a namespace, cables join machines` })
  } else if (nic === 'lo') report(at, { message: `cannot plug a cable into ${text}: lo is the loopback interface` })
}
