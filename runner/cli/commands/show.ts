import { renderJson } from '../../../reports/text/json.ts'
import { oneLine, plainMessage, plural } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { declaredCases } from '../../lab/case-names.ts'
import type { Lab, Node, Step } from '../../lab/lab.ts'
import type { CommandContext } from '../command.ts'
import { knownTimes, renderKnownTime, timeOfLab } from '../known-times.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('show NAME [-- --json]')}

Tells what a lab is made of: its summary, nodes, variants, steps with their ids (for --until of "shell"), mutations, and
how long the variants took in the newest runs in results/. NAME may be name/variant; else nodes and steps are those of
the first variant, and of the others what those do not have. --json prints it as JSON.
`

/** Its options, as parseArgs takes them. */
export const options = {
  json: { type: 'boolean', default: false },
} as const

/** `npm run lab show NAME`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0) throw usageError('cannot show: expected the name of one lab', help)
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  if (selection === undefined) throw usageError(`cannot show ${name}: there is no such lab`)
  const facts = factsOf(selection.lab, selection.variant)
  context.stdout.write(values.json ? `${renderJson(facts, 2)}\n` : plainMessage(renderFacts(facts)))
  return 0
}

type Facts = ReturnType<typeof factsOf>

/** What is shown of a lab, or of one variant of it. */
function factsOf(lab: Lab, only: string | undefined) {
  const times = knownTimes('results')
  const variants = lab.variants.filter(({ name }) => only === undefined || name === only)
  return {
    name: lab.name,
    title: lab.title,
    ...(lab.chapter === undefined ? {} : { chapter: lab.chapter }),
    tags: lab.tags,
    summary: lab.summary,
    file: lab.file,
    variants: variants.map(({ name, values }) => ({ name, values, durationMs: times.get(`${lab.name}/${name}`) })),
    durationMs: timeOfLab(
      lab.name,
      variants.map(({ name }) => name),
      times,
    ),
    nodes: firstOfEach(
      variants.flatMap(({ nodes }) => nodes),
      ({ name }) => name,
    ).map(factsOfNode),
    steps: firstOfEach(
      variants.flatMap(({ steps }) => steps),
      ({ index }) => index,
    )
      .toSorted((one, other) => one.index - other.index)
      .map(factsOfStep),
    mutations: lab.mutations.map(({ name }) => name),
  }
}

const factsOfNode = ({ name, namespaceOf, address }: Node) => ({
  name,
  ...(namespaceOf === undefined ? {} : { namespaceOf }),
  ...(address === undefined ? {} : { address }),
})

const factsOfStep = (step: Step) => ({
  ...(step.id === undefined ? {} : { id: step.id }),
  name: step.name,
  ...(step.node === undefined ? {} : { node: step.node }),
  claims: declaredCases(step).length,
})

const firstOfEach = <T>(all: readonly T[], keyOf: (one: T) => unknown): T[] =>
  [...Map.groupBy(all, keyOf).values()].flatMap(([first]) => first ?? [])

function renderFacts({ name, title, chapter, tags, summary, variants, durationMs, nodes, steps, mutations }: Facts) {
  const machines = nodes.filter(({ namespaceOf }) => namespaceOf === undefined)
  const width = Math.max(0, ...steps.map(({ id = '' }) => id.length))
  const isOnSeveral = (step: string) => steps.filter(({ name: other }) => other === step).length > 1
  return [
    `${name}: ${oneLine(title)}`,
    ...(chapter === undefined ? [] : [`chapter: ${oneLine(chapter)}`]),
    ...(tags.length === 0 ? [] : [`tags: ${tags.join(', ')}`]),
    `time: ${renderKnownTime(durationMs)}${durationMs === undefined ? ' (results/ has no run of all of it)' : ''}`,
    '',
    summary.trimEnd(),
    '',
    `machines: ${machines.length}`,
    ...nodes.map((node) => `  ${node.name}${wordsOf(node)}`),
    `variants: ${variants.length}`,
    ...variants.map((one) => `  ${one.name}  ${renderKnownTime(one.durationMs)}`),
    `steps: ${steps.length}`,
    ...steps.map(({ id = '', name: step, node, claims }) => {
      const where = node !== undefined && isOnSeveral(step) ? ` on ${node}` : ''
      return `  ${id.padEnd(width)}  ${oneLine(step)}${where}${claims === 0 ? '' : `  (${plural(claims, 'claim')})`}`
    }),
    `mutations: ${mutations.length}`,
    ...mutations.map((mutation) => `  ${oneLine(mutation)}`),
    '',
  ].join('\n')
}

function wordsOf({ namespaceOf, address }: ReturnType<typeof factsOfNode>) {
  const words = [...(namespaceOf === undefined ? [] : [`a namespace in ${namespaceOf}`]), ...(address ? [address] : [])]
  return words.length === 0 ? '' : `  ${words.join(', ')}`
}
