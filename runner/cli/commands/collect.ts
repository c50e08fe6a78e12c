import { type Handed, renderClass } from '../../../reports/many-runs/collect.ts'
import { summarise } from '../../../reports/run/summary.ts'
import { exitCodes, messageOf, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { outlineRun } from '../read-run-events.ts'

const help = `Usage: ${ownCommand('collect DIR...')}

Tells who of a class passed what, as a Markdown table: a row for each results folder, by its name, and a column for each
lab, with how many of its variants passed. A folder that can't be read has a row that says why.
Exit codes: 0 all folders could be read, 3 some could not.
`

/** Its options, as parseArgs takes them. */
export const options = {}

/** `npm run lab collect DIR...`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ positionals }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  if (positionals.length === 0) throw usageError('cannot collect: expected results folders', help)
  const handed = positionals.map(readHanded)
  stdout.write(renderClass(handed))
  return handed.some(({ summary }) => typeof summary === 'string') ? exitCodes.machinery : exitCodes.passed
}

function readHanded(folder: string): Handed {
  try {
    return { folder, summary: summarise(outlineRun(folder)) }
  } catch (error) {
    return { folder, summary: messageOf(error) }
  }
}
