import type { Drawing, DrawnCable, DrawnMachine, DrawnNode } from './topology.ts'

/**
 * The drawing in DOT, the language of Graphviz. Machines are clusters, so that namespaces and NICs lie inside; classes
 * on all parts let a style sheet colour them.
 */
export function renderDot({ machines, cables, hubs }: Drawing): string {
  const ends = machines.flatMap(({ nics }) => nics.map(({ endpoint }) => endpoint))
  const names = new Map([...ends, ...hubs].map((one, n) => [one, n]))
  return [
    'graph lab {',
    '  graph [rankdir=LR, nodesep=0.16, ranksep=1, bgcolor=transparent, fontname="Helvetica-Bold", fontsize=13, margin=0.05]',
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=12, height=0.3, margin="0.12,0.06"]',
    '  edge [fontname="Helvetica", fontsize=11]',
    ...machines.flatMap((machine, index) => machineLines(machine, index, names)),
    ...hubs.map((hub) => `  nic_${names.get(hub)} [label=${quote(hub)}, class="hub", shape=ellipse, fontsize=11]`),
    ...cables.flatMap((cable) => cableLine(cable, names)),
    '}',
    '',
  ].join('\n')
}

function machineLines(machine: DrawnMachine, index: number, names: ReadonlyMap<string, number>) {
  const { namespaces, nics, state } = machine
  const gone = state === undefined ? '' : ' gone'
  const isEmpty = namespaces.length + nics.length === 0
  return [
    // Without a room around them neighbours touch.
    `  subgraph cluster_room_${index} {`,
    '    graph [peripheries=0, label="", margin=5]',
    `    subgraph cluster_${index} {`,
    `    graph [label=${labelOf({ ...machine, name: ` ${machine.name} ` }, state)}, class="machine${gone}", style=rounded, margin=9]`,
    // Graphviz piles them up from below.
    ...nics
      .toReversed()
      .map(
        ({ endpoint, name, unplugged }) =>
          `    nic_${names.get(endpoint)} [label=${quote(unplugged ? `${name} ✕` : name)}, ` +
          `class="nic${unplugged ? ' unplugged' : ''}", style="rounded", fontsize=11, height=0.22, width=0.4, margin="0.08,0.02"]`,
      ),
    ...namespaces
      .map((namespace, number) => `    namespace_${index}_${number} [label=${labelOf(namespace)}, class="namespace"]`)
      .toReversed(),
    ...(isEmpty ? [`    nothing_${index} [label="", style=invis, width=0.6, height=0.05]`] : []),
    '    }',
    '  }',
  ]
}

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
