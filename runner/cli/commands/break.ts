import { randomInt } from 'node:crypto'
import { plainMessage } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Lab } from '../../lab/lab.ts'
import { providerNames } from '../../providers/index.ts'
import { withWords } from '../../steps/events/make-happen.ts'
import { ask, endSession } from '../../workshop/ask.ts'
import { choosePuzzle, levelsOf } from '../../workshop/puzzle.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, readCount, withHelp } from '../options.ts'
import { createSessionScreen, renderProgress } from '../session-client.ts'
import { startSession } from '../start-session.ts'

const help = `Usage: ${ownCommand('break NAME[/VARIANT] [-- OPTIONS]')}

Brings a lab up with a mistake in it, which it does not tell. Find it with "shell", "exec", "inspect" and "pcap", and
mend it by hand: "verify" judges what the lab claims, and tells when it is mended. "hint" helps, "solution" tells what
is wrong, and "down" ends the lab.

Options:
  --level 1|2|3         how hard it is to find (default: any)
  --seed N              the same number is the same mistake (default: another each time)
  --list                which labs have how many puzzles, by level
  --try                 for authors: makes each puzzle of the labs that are named, or of all, and sees that what is
                        claimed holds without the mistake, not with it, and again after what is said to mend it;
                        with --level those of that level alone
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
`

/** Its options, as parseArgs takes them. */
export const options = {
  level: { type: 'string' },
  seed: { type: 'string' },
  list: { type: 'boolean', default: false },
  try: { type: 'boolean', default: false },
  accel: { type: 'string' },
  provider: { type: 'string' },
} as const

/** From 0 to one less, seeds that nobody chose. */
const seeds = 1000

/** `npm run lab break NAME`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, errorColour: colour } = context
  const [name, ...more] = positionals
  const machines = { accelerator: values.accel, provider: values.provider }
  const level = values.level === undefined ? undefined : readCount('level', values.level, 1)
  if (values.list || values.try) {
    const selections = loadLabs(positionals, { all: name === undefined, colour })
    if (values.list)
      return list(
        selections.map(({ lab }) => lab),
        stdout,
      )
    return (await import('../try-puzzles.ts')).tryPuzzles(selections, level, machines, context)
  }
  if (name === undefined || more.length > 0) throw usageError('cannot break a lab: expected one lab', help)
  const seed = readCount('seed', values.seed, randomInt(seeds), 0)
  const [{ lab, variant } = { lab: undefined }] = loadLabs([name], { all: false, colour })
  if (lab === undefined) throw usageError(`cannot break ${name}: it is no lab`)
  const chosen = choosePuzzle(lab, { variant, level, seed })
  const folder = await startSession({ name: `${lab.file}/${chosen.variant}`, ...machines, colour })
  stdout.write(`Brings ${lab.name}/${chosen.variant} up, and does its steps with a mistake.\n`)
  const onEvent = createSessionScreen(context, { heading: true })
  const request = { ask: 'pose', mutation: chosen.mutation } as const
  const { progress } = await ask(folder, request, { signal: context.signal, onEvent }).catch(async (error: unknown) => {
    // Nobody knows what was done in its machines.
    await endSession(folder, new AbortController().signal).catch(() => {})
    throw error
  })
  const same = [name, ...(level === undefined ? [] : [`--level ${level}`]), `--seed ${seed}`]
  stdout.write(`\n${renderProgress(progress)}`)
  stdout.write(`${ownCommand('shell')} gives a shell in a node; ${ownCommand('down')} ends the lab\n`)
  stdout.write(
    `Level ${chosen.puzzle.level}. The same again: ${ownCommand(`break ${same[0]} -- ${same.slice(1).join(' ')}`)}\n`,
  )
  return 0
}

/** Prints how many puzzles of each level labs have. */
function list(labs: readonly Lab[], stdout: NodeJS.WriteStream): number {
  const rows = labs
    .map((lab) => ({ name: lab.name, puzzles: levelsOf(lab) }))
    .filter(({ puzzles }) => puzzles.length > 0)
    .map(({ name, puzzles }) => [name, ...[1, 2, 3].map((level) => puzzles.filter((one) => one === level).length)])
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0)
  const table = [['lab', 'level 1', 'level 2', 'level 3'], ...rows, [`${rows.length} labs`, sum(1), sum(2), sum(3)]]
  const widest = Math.max(...table.map(([first]) => String(first).length))
  for (const [first, ...counts] of table)
    stdout.write(
      `${String(first).padEnd(widest)}  ${counts.map((count) => String(count || '').padStart(7)).join('  ')}`.trimEnd() +
        '\n',
    )
  return 0
}

const hintHelp = `Usage: ${ownCommand('hint [NAME]')}

Helps to find what is wrong in a lab after "break", a little more each time. NAME may be left out where one lab is up.
`

/** `npm run lab hint`. Returns the exit code. */
export const hintCommand = withHelp(hintHelp, {}, async ({ positionals }, context) => {
  const { hints, more } = await ask(folderOf(positionals), { ask: 'hint' }, context)
  for (const hint of hints) context.stdout.write(plainMessage(`${hint.trim()}\n`))
  context.stdout.write(`${ownCommand(more ? 'hint' : 'solution')} tells ${more ? 'more' : 'what is wrong'}\n`)
  return 0
})

const solutionHelp = `Usage: ${ownCommand('solution [NAME]')}

Tells what is wrong in a lab after "break", and what mends it. NAME may be left out where one lab is up.
`

/** `npm run lab solution`. Returns the exit code. */
export const solutionCommand = withHelp(solutionHelp, {}, async ({ positionals }, context) => {
  const { solution, mend } = await ask(folderOf(positionals), { ask: 'solution' }, context)
  const lines = mend.flatMap((one) =>
    'event' in one
      ? `  ${ownCommand(`event "${withWords(one.event).words}"`)}\n`
      : one.commands
          .trim()
          .split('\n')
          .map((line) => `  ${one.node}$ ${line}\n`),
  )
  context.stdout.write(plainMessage(`${solution.trim()}\n${lines.join('')}`))
  return 0
})

/** The folder of the session that a command line means. */
function folderOf(positionals: readonly string[]): string {
  const { session, rest } = chooseSession(positionals)
  if (rest.length > 0) throw usageError(`cannot find ${rest[0]}: no lab of this name is up`)
  return session.folder
}
