import type { Endpoint, Link, Node } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { linkSchema, memoryMiBOf, nodeNameSchema, nodeSchema } from '../schema/schema.ts'
import { impairmentOf } from '../schema/schema-impairment.ts'
import type { Path } from '../text/diagnostics.ts'
import { parseEndpoint, renderEndpoint } from '../text/endpoint.ts'
import { listNames } from '../text/list-names.ts'
import { asMapping } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import { fillIn } from '../values/fill.ts'
import { readMachineWish } from './read-machine.ts'
import type { DeclaredTopology, VariantContext } from './variant-context.ts'

type RawNode = { readonly name: string; readonly namespaceOf?: string | undefined; readonly node: Node }

/** Reads `nodes` and `links` of a variant; what has a mistake is left out after it is reported. */
export function readTopology(nodes: unknown, links: unknown, context: VariantContext): DeclaredTopology {
  const raw = readNodes(nodes, context)
  const nodeNames = new Set(Object.keys(asMapping(nodes) ?? {}))
  const machines = new Set(raw.filter((node) => node.namespaceOf === undefined).map((node) => node.name))
  if (nodeNames.size > 0 && raw.length === nodeNames.size && machines.size === 0) {
    context.report(['nodes'], {
      message: 'cannot run a lab without a machine: every node is a namespace of another',
      hint: 'declare one as a machine: host: {}',
      atKey: true,
    })
  }
  for (const node of raw) checkNamespace(node, machines, nodeNames, context)
  const nodesRead = raw.map(({ node }) => node)
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
          message: `cannot plug two cables into ${text}: ${other === index ? 'both ends are here' : `link ${other + 1} has it`}`,
        })
      }
      taken.set(text, index)
      return endpoint
    })
    const [left, right] = ends
    if (left === undefined || right === undefined) return []
    const { impairment, unplugged = [] } = shape.value
    for (const [end, text] of unplugged.entries()) {
      if (shape.value.endpoints.includes(text)) continue
      context.report([...path, 'unplugged', end], {
        message: `cannot leave ${text} unplugged: it is no end of this link`,
        hint: `expected ${shape.value.endpoints.join(' or ')}`,
      })
    }
    const link = {
      endpoints: [left, right] as const,
      ...(unplugged.length === 0 ? {} : { unplugged: unplugged.map(parseEndpoint) }),
    }
    return [impairment === undefined ? link : { ...link, impairment: impairmentOf(impairment) }]
  })
}

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
