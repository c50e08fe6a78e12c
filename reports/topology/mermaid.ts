import { type Drawing, type DrawnInterface, type DrawnNode, endsIn } from './topology.ts'

/** The drawing as a Mermaid flowchart, which GitHub and GitLab draw in Markdown. */
export function renderMermaid({ machines, cables, hubs, joins = [] }: Drawing): string {
  const nics = new Map(endsIn(machines).map((end, n) => [end, n]))
  const interfaceLine = ({ id, lines }: DrawnInterface) => `    e${nics.get(id)}(${quote(...lines)})`
  return [
    `flowchart ${joins.length > 0 ? 'TB' : 'LR'}`,
    ...machines.flatMap(({ namespaces, nics: own, state, interfaces = [], ...machine }, index) => [
      `  subgraph m${index}[${labelOf(machine, state)}]`,
      ...interfaces.map(interfaceLine),
      ...namespaces.flatMap(({ interfaces: inner, ...namespace }, number) =>
        inner === undefined || inner.length === 0
          ? [`    n${index}_${number}(${labelOf(namespace)})`]
          : [`    subgraph n${index}_${number}[${labelOf(namespace)}]`, ...inner.map(interfaceLine), '    end'],
      ),
      ...own.map(
        ({ endpoint, name, unplugged }) => `    e${nics.get(endpoint)}[${quote(unplugged ? `${name} ✕` : name)}]`,
      ),
      // Without anything inside it would not be drawn.
      ...(namespaces.length + own.length + interfaces.length === 0 ? [`    n${index}[" "]`] : []),
      '  end',
    ]),
    ...hubs.map((hub, index) => `  h${index}((${quote(hub)}))`),
    ...joins.map(
      ({ upper, lower, kind, isIdle }) =>
        `  e${nics.get(upper)} ${isIdle || kind === 'on' ? '-.-' : '---'}${kind === 'veth' ? '|veth|' : ''} e${nics.get(lower)}`,
    ),
    ...cables.map(({ endpoints: [left, right], state, carries }) => {
      const line = carries ? '---' : '-.-'
      return `  e${nics.get(left)} ${line}${state === undefined ? '' : `|${quote(state)}|`} ${hubs.includes(right) ? `h${hubs.indexOf(right)}` : `e${nics.get(right)}`}`
    }),
    '',
  ].join('\n')
}

const labelOf = ({ name, address }: DrawnNode, state?: string) =>
  quote(`${name}${state === undefined ? '' : ` (${state})`}`, ...(address === undefined ? [] : [address]))

/** Lines of a label. Mermaid takes its text for HTML, and knows entities by `#` and no other escape. */
const quote = (...lines: readonly string[]) =>
  `"${lines
    .map((line) =>
      line.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;'),
    )
    .join('<br>')}"`
