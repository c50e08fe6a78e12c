import { type Handed, renderClass } from '../../../reports/many-runs/collect.ts'
import { summarise } from '../../../reports/run/summary.ts'
import { exitCodes, messageOf, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'
import { outlineRun } from '../read-run-events.ts'

const help = `Usage: ${ownCommand('collect DIR...')}

Tells who of a class passed what, as a Markdown table: a row for each results folder, by its name, and a column for each
lab, with how many of its variants passed. A folder that can't be read has a row that says why.
Exit codes: 0 all folders could be read, 3 some could not.
`

/** Its options, as parseArgs takes them. */
export const options = { help: { type: 'boolean', short: 'h', default: false } } as const

/** `npm run lab collect DIR...`. Returns the exit code. */
export async function command(args: readonly string[], { stdout }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    stdout.write(help)
    return exitCodes.passed
  }
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
