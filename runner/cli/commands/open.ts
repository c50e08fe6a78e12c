import { dirname, join, resolve } from 'node:path'
import { oneLine } from '../../../reports/text/plain-text.ts'
import { messageOf, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { listResults } from '../../host/results-files.ts'
import { ask } from '../../workshop/ask.ts'
import { machinesFolder, readSavedLab, savedFile } from '../../workshop/saved-lab.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { createSessionScreen, renderProgress } from '../session-client.ts'
import { startSession } from '../start-session.ts'

const help = `Usage: ${ownCommand('open RESULTS[/LAB/VARIANT] [-- OPTIONS]')}

Brings the machines of a run with --save-on-failure back as they were when the claim failed, and leaves them in your
hands as "up" does. It takes the same image, QEMU and way to run machines as there; the folder may be copied from
another host.

Options:
  --lab PATH            the lab, where it is not found by its name
`

/** Its options, as parseArgs takes them. */
export const options = {
  lab: { type: 'string' },
} as const

/** `npm run lab open RESULTS`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const { stdout, signal, errorColour } = context
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) throw usageError('cannot open machines: expected one results folder', help)
  const folder = findSaved(path)
  const saved = readSavedLab(folder)
  const name = `${values.lab ?? saved.lab}/${saved.variant}`
  const wish = { name, accelerator: saved.accelerator, provider: undefined, saved: folder, colour: errorColour }
  const session = await startSession(wish)
  const done = await ask(session, { ask: 'up' }, { signal, onEvent: createSessionScreen(context, { heading: true }) })
  stdout.write(`as it was when this failed: ${oneLine(saved.failed)}\n`)
  for (const words of saved.lost) stdout.write(`not brought back: ${oneLine(words)}\n`)
  stdout.write(renderProgress(done.progress))
  stdout.write(`${ownCommand('shell')} gives a shell in a node; ${ownCommand('down')} ends it\n`)
  return 0
}

/** The folder of saved machines in a results folder, or in a part of one. */
function findSaved(path: string): string {
  const known = join(machinesFolder, savedFile)
  let found: readonly string[]
  try {
    found = listResults(path).filter((file) => file === known || file.endsWith(`/${known}`))
  } catch (error) {
    throw usageError(`cannot open ${path}: ${messageOf(error)}`)
  }
  const [only, ...others] = found
  if (only === undefined)
    throw usageError(`cannot open ${path}: no machines are saved in it`, ownCommand('NAME -- --save-on-failure'))
  if (others.length > 0)
    throw usageError(
      `cannot open ${path}: the machines of several variants are saved in it`,
      `name one of them: ${found.map((file) => join(path, dirname(dirname(file)))).join(', ')}`,
    )
  return resolve(path, dirname(only))
}
