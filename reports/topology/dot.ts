import {
  type Drawing,
  type DrawnCable,
  type DrawnInterface,
  type DrawnJoin,
  type DrawnMachine,
  type DrawnNode,
  type DrawnRoom,
  endsIn,
} from './topology.ts'

/**
 * The drawing in DOT, the language of Graphviz. Machines are clusters, so that namespaces and NICs lie inside; classes
 * on all parts let a style sheet colour them.
 */
export function renderDot(
  { machines, cables, hubs, joins = [] }: Drawing,
  direction: 'LR' | 'TB' = joins.length > 0 ? 'TB' : 'LR',
): string {
  const names = new Map([...endsIn(machines), ...hubs].map((one, n) => [one, n]))
  return [
    'graph lab {',
    `  graph [rankdir=${direction}, nodesep=0.16, ranksep=${joins.length > 0 ? 0.35 : 1}, bgcolor=transparent, fontname="Helvetica-Bold", fontsize=13, margin=0.05]`,
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=12, height=0.3, margin="0.12,0.06"]',
    '  edge [fontname="Helvetica", fontsize=11]',
    ...machines.flatMap((machine, index) => machineLines(machine, index, names)),
    ...hubs.map((hub) => `  nic_${names.get(hub)} [label=${quote(hub)}, class="hub", shape=ellipse, fontsize=11]`),
    ...joins.map((join) => joinLine(join, names)),
    ...cables.flatMap((cable) => cableLine(cable, names)),
    '}',
    '',
  ].join('\n')
}

function machineLines(machine: DrawnMachine, index: number, names: ReadonlyMap<string, number>) {
  const { nics, state, interfaces } = machine
  // Graphviz piles up from below what lies side by side.
  const namespaces = interfaces === undefined ? machine.namespaces.toReversed() : machine.namespaces
  const gone = state === undefined ? '' : ' gone'
  const isEmpty = namespaces.length + nics.length + (interfaces ?? []).length === 0
  return [
    // Without a room around them neighbours touch.
    `  subgraph cluster_room_${index} {`,
    '    graph [peripheries=0, label="", margin=5]',
    `    subgraph cluster_${index} {`,
    `    graph [label=${labelOf({ ...machine, name: ` ${machine.name} ` }, state)}, class="machine${gone}", style=rounded, margin=9]`,
    ...nics
      .toReversed()
      .map(
        ({ endpoint, name, unplugged }) =>
          `    nic_${names.get(endpoint)} [label=${quote(unplugged ? `${name} ✕` : name)}, ` +
          `class="nic${unplugged ? ' unplugged' : ''}", style="rounded", fontsize=11, height=0.22, width=0.4, margin="0.08,0.02"]`,
      ),
    ...(interfaces ?? []).map((one) => interfaceLine(one, names)),
    ...namespaces.flatMap((namespace, number) => namespaceLines(namespace, `${index}_${number}`, names)),
    ...(isEmpty ? [`    nothing_${index} [label="", style=invis, width=0.6, height=0.05]`] : []),
    '    }',
    '  }',
  ]
}

/** A box of its own where it is known what is in it. */
function namespaceLines(namespace: DrawnRoom, number: string, names: ReadonlyMap<string, number>) {
  const { interfaces } = namespace
  if (interfaces === undefined) return [`    namespace_${number} [label=${labelOf(namespace)}, class="namespace"]`]
  return [
    `    subgraph cluster_inner_${number} {`,
    `    graph [label=${labelOf({ name: ` ${namespace.name} ` })}, class="namespace", style=rounded, margin=7]`,
    ...interfaces.map((one) => interfaceLine(one, names)),
    ...(interfaces.length === 0 ? [`    nothing_${number} [label="", style=invis, width=0.4, height=0.05]`] : []),
    '    }',
  ]
}

const interfaceLine = ({ id, lines, look, isDown }: DrawnInterface, names: ReadonlyMap<string, number>) =>
  `    nic_${names.get(id)} [label=${quote(lines.join('\n'))}, class="${look}${isDown ? ' unplugged' : ''}", ` +
  'style="rounded", fontsize=11, height=0.22, width=0.4, margin="0.14,0.04"]'

const joinLine = ({ upper, lower, kind, isIdle }: DrawnJoin, names: ReadonlyMap<string, number>) =>
  `  nic_${names.get(upper)} -- nic_${names.get(lower)} [class="join ${kind}${isIdle ? ' idle' : ''}"${kind === 'veth' ? ', label="  veth"' : ''}]`

function cableLine({ endpoints, state, carries }: DrawnCable, names: ReadonlyMap<string, number>) {
  const [left, right] = endpoints.map((endpoint) => names.get(endpoint))
  if (left === undefined || right === undefined) return []
  const look = state === undefined ? 'class="cable"' : `class="cable ${carries ? 'worse' : 'cut'}", style=dashed`
  const label = state === undefined ? '' : `, label=${quote(carries ? state : `✂ ${state}`)}`
  return [`  nic_${left} -- nic_${right} [${look}${label}]`]
}

const labelOf = ({ name, address }: DrawnNode, state?: string) =>
  quote([state === undefined ? name : `${name}\n(${state})`, ...(address === undefined ? [] : [address])].join('\n'))

/** A quoted string in DOT in which nothing is an escape, an entity or the end. */
const quote = (text: string) =>
  `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
