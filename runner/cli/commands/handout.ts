import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Handout, makeHandout } from '../../../reports/handout/handout.ts'
import { renderHandoutHtml } from '../../../reports/handout/html.ts'
import { renderHandoutMarkdown } from '../../../reports/handout/markdown.ts'
import { buildStory, type RunStory } from '../../../reports/run/story.ts'
import { attempt, messageOf, usageError } from '../../errors.ts'
import type { CopiedFile } from '../../events.ts'
import { fileName } from '../../host/file-names.ts'
import { ownCommand } from '../../host/own-command.ts'
import { writeResult } from '../../host/results-files.ts'
import { makeFolders } from '../../host/trusted-folder.ts'
import { caseNames } from '../../lab/case-names.ts'
import type { Lab } from '../../lab/lab.ts'
import type { Selection } from '../../scopes.ts'
import { announce } from '../../steps/actions/index.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'
import { outlineHandout } from '../outline-handout.ts'
import { readRunEvents } from '../read-run-events.ts'

const help = `Usage: ${ownCommand('handout NAME [-- OPTIONS]')}

Makes a workshop handout of a lab (Markdown, and HTML that prints on A4) with the outputs of its last run that passed.
NAME may be name/variant. It is refused when no run passed, or when the lab has changed since. A student's handout needs
no run: without one it has no tables to fill in.

Options:
  --student      without outputs and answers
  --from DIR     the results folder to take the outputs from (default: the newest in results/ that passed)
  --out DIR      where to leave the files (default: that results folder, or here)
`

/** Its options, as parseArgs takes them. */
export const options = {
  student: { type: 'boolean', default: false },
  from: { type: 'string' },
  out: { type: 'string' },
} as const

/** `npm run lab handout NAME`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    throw usageError('cannot make a handout: expected the name of one lab', help)
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  if (selection === undefined) throw usageError(`cannot make a handout of ${name}: there is no such lab`)
  const { lab, variant } = selection
  const { folder, handout } = find(name, selection, values)
  const out = values.out ?? folder
  attempt(`write into ${out}`, () => makeFolders(out))
  const { student } = values
  const words = ['handout', lab.name, ...(variant === undefined ? [] : [variant]), ...(student ? ['student'] : [])]
  const file = fileName(words.join('-'))
  for (const [name, text] of [
    [`${file}.md`, renderHandoutMarkdown(handout, { student, byHand: byHand(lab) })],
    [`${file}.html`, await renderHandoutHtml(handout, { student, byHand: byHand(lab) })],
  ] as const) {
    attempt(`write ${join(out, name)}`, () => writeResult(out, name, text))
    context.stdout.write(`${relative(process.cwd(), join(out, name))}\n`)
  }
  return 0
}

/** How a lab is brought up and done step by step. */
const byHand = ({ name, variants: [first] }: Lab) => {
  const node = first?.nodes[0]?.name ?? 'NODE'
  return [
    { command: ownCommand(`up ${name}`), does: 'brings the machines and cables up, and does no step' },
    { command: ownCommand(`do ${name}`), does: 'does the next step' },
    { command: ownCommand(`exec ${name} ${node} -- CMD`), does: `runs a command on ${node}, or on another node` },
    {
      command: ownCommand(`event ${name} 'link NODE:NIC down'`),
      does: 'makes an event happen, where a step says "then"',
    },
    { command: ownCommand(`down ${name}`), does: 'ends it' },
  ]
}

/** The handout, and where it is left. @throws WirelabError of kind usage that says why there is none */
function find(
  name: string,
  { lab, variant }: Selection,
  { student, from }: { student: boolean; from?: string },
): Found {
  try {
    return findRun(name, lab, variant, from)
  } catch (error) {
    if (!student || from !== undefined) throw error
    return { folder: '.', handout: outlineHandout(lab, variant) }
  }
}

interface Found {
  readonly folder: string
  readonly handout: Handout
}

/** The run that the outputs come from. @throws WirelabError of kind usage that says why there is none */
function findRun(name: string, lab: Lab, variant: string | undefined, from: string | undefined): Found {
  const toDo = `run it first: ${ownCommand(name)}`
  const folders = from === undefined ? listResults() : [from]
  const refusals: string[] = []
  for (const folder of folders) {
    const story = from === undefined ? tryStory(folder) : buildStory(readRunEvents(folder))
    const made = typeof story === 'string' ? story : makeHandout(story, lab.name, variant)
    if (typeof story === 'string' || typeof made === 'string') {
      if (made !== 'the lab is not in it') refusals.push(`${folder}: ${String(made)}`)
      continue
    }
    const change = changeSince(lab, variant, story)
    if (change === undefined) return { folder, handout: made }
    throw usageError(`cannot make a handout of ${name}: ${change} since ${folder}`, toDo)
  }
  const why = refusals[0] ?? (from === undefined ? 'it has not run yet' : `${from}: the lab is not in it`)
  throw usageError(`cannot make a handout of ${name}: no run of it passed (${why})`, toDo)
}

/** Results folders, the newest first: their names begin with the time. */
function listResults() {
  try {
    const names = readdirSync('results', { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return names
      .map((entry) => join('results', entry.name))
      .toSorted()
      .toReversed()
  } catch {
    return []
  }
}

function tryStory(folder: string): RunStory | string {
  try {
    return buildStory(readRunEvents(folder))
  } catch (error) {
    return messageOf(error)
  }
}

/** What of the lab is no more as it ran, in words; a handout must not tell of a lab that has become another. */
function changeSince(lab: Lab, only: string | undefined, story: RunStory): string | undefined {
  for (const variant of lab.variants.filter(({ name }) => only === undefined || name === only)) {
    const scope = story.summary.scopes.find(
      (one) => one.lab === lab.name && one.variant === variant.name && one.started?.repetition === 1,
    )
    if (scope === undefined) return `variant ${variant.name} was added, or was not run,`
    const cases = variant.steps.flatMap(caseNames)
    const crashNames = variant.crashCases.map(({ caseName }) => caseName)
    const ranCases = scope.started?.cases.filter((name) => !crashNames.includes(name)) ?? []
    if (cases.join('\n') !== ranCases.join('\n')) return `the claims of variant ${variant.name} have changed`
    const ran = new Map(story.tell(scope).steps.map(({ step, started }) => [step, typedIn(started)]))
    const changed = variant.steps.find((step) => typedIn(announce(step)) !== ran.get(step.index))
    if (changed !== undefined) return `step "${changed.name}" of variant ${variant.name} has changed`
  }
  return undefined
}

/** What makes a step do what it does, as text to compare. */
const typedIn = (step: { script?: string | undefined; copies?: readonly CopiedFile[] } | undefined) =>
  JSON.stringify([step?.script ?? '', step?.copies ?? []])
