import type { Drawing, DrawnNode } from './topology.ts'

/** The drawing as a Mermaid flowchart, which GitHub and GitLab draw in Markdown. */
export function renderMermaid({ machines, cables, hubs }: Drawing): string {
  const nics = new Map(
    machines.flatMap((machine) => machine.nics.map(({ endpoint }) => endpoint)).map((e, n) => [e, n]),
  )
  return [
    'flowchart LR',
    ...machines.flatMap(({ namespaces, nics: own, state, ...machine }, index) => [
      `  subgraph m${index}[${labelOf(machine, state)}]`,
      ...namespaces.map((namespace, number) => `    n${index}_${number}(${labelOf(namespace)})`),
      ...own.map(
        ({ endpoint, name, unplugged }) => `    e${nics.get(endpoint)}[${quote(unplugged ? `${name} ✕` : name)}]`,
      ),
      // Without anything inside it would not be drawn.
      ...(namespaces.length + own.length === 0 ? [`    n${index}[" "]`] : []),
      '  end',
    ]),
    ...hubs.map((hub, index) => `  h${index}((${quote(hub)}))`),
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
