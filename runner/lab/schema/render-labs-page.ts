import type { Lab } from '../lab.ts'
import type { LabTimes } from './labs-page-times.ts'

/** The chapters in their order; others follow, by name. */
const chapters = ['Bridging', 'Interfaces', 'Containers', 'MAC VLAN', 'VLAN', 'Masquerade', 'Failover']

const columns = ['lab', 'what it shows', 'variants', 'machines', 'mutations', 'time']

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** labs/README.md: the labs by chapter, the smallest first. */
export function renderLabsPage(labs: readonly Lab[], { measuredOn, times }: LabTimes): string {
  const named = Map.groupBy(labs, ({ chapter }) => chapter ?? 'More')
  const order = [...new Set([...chapters, ...[...named.keys()].toSorted()])].filter((chapter) => named.has(chapter))
  const sections = order.map((chapter) => {
    const rows = (named.get(chapter) ?? []).toSorted(bySize).map((lab) => rowOf(lab, times.get(lab.name) ?? '–'))
    return `\n## ${chapter}\n\n${[columns, columns.map(() => '---'), ...rows].map(renderRow).join('\n')}\n`
  })
  return `# Labs

Made by \`npm run schema\` from the labs. \`npm run lab NAME\` runs one, and \`npm run lab handout NAME\` makes a
handout of it. Mutations are mistakes that the lab makes on purpose, to show that it notices them.

Times: all variants of a lab, one after another (${measuredOn}).
${sections.join('')}`
}

function rowOf(lab: Lab, time: string): readonly string[] {
  const { machines, namespaces } = sizeOf(lab)
  const variants = lab.variants.map(({ name }) => name).join(', ')
  return [
    `[${lab.name}](${lab.name})`,
    `**${lab.title}.** ${firstSentence(lab.summary)}`,
    variants === 'default' ? '–' : variants,
    namespaces === 0 ? `${machines}` : `${machines}, with ${plural(namespaces, 'namespace')}`,
    `${lab.mutations.length}`,
    time,
  ]
}

const renderRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** All variants have the same nodes. */
function sizeOf({ variants: [variant] }: Lab) {
  const nodes = variant?.nodes ?? []
  const namespaces = nodes.filter(({ namespaceOf }) => namespaceOf !== undefined).length
  return { machines: nodes.length - namespaces, namespaces }
}

function bySize(left: Lab, right: Lab): number {
  const [one, other] = [sizeOf(left), sizeOf(right)]
  return one.machines - other.machines || one.namespaces - other.namespaces || (left.name < right.name ? -1 : 1)
}

/** Up to the first stop behind a word of two letters: that of 10.0.0.1 and e.g. is none. */
function firstSentence(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return /^.*?\p{L}{2}[.!?](?= |$)/u.exec(line)?.[0] ?? line
}
