import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJunit, type RunVerdicts } from '../../../reports/junit/parse-junit.ts'
import { compareRuns, renderComparison } from '../../../reports/many-runs/compare.ts'
import { attempt, exitCodes, messageOf, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { readResult } from '../../host/results-files.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { resultsFolders } from '../results-folders.ts'

const marks = { begin: '<!-- verdicts, made by npm run lab compare -->', end: '<!-- end of verdicts -->' } as const

const help = `Usage: ${ownCommand('compare DIR DIR... [-- --into FILE]')}

Sets the verdicts of several results folders side by side, as a Markdown table: the same labs through QEMU and through
Vagrant, or before and after a change. Columns are named after what differs: provider, image, versions, day, or else the
folder. They are read from each folder's junit.xml, so that it does not matter which wirelab left it. With --into the
table replaces what stands in FILE between the lines
  ${marks.begin}
  ${marks.end}
Exit codes: 0 no case had another verdict in another run, 1 some had.
`

/** Its options, as parseArgs takes them. */
export const options = {
  into: { type: 'string' },
} as const

/** `npm run lab compare DIR DIR...`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  const folders = resultsFolders(positionals)
  if (folders.length < 2) throw usageError('cannot compare: expected two results folders or more', help)
  const comparison = compareRuns(folders.map((folder) => ({ ...readVerdicts(folder), folder })))
  const table = renderComparison(comparison)
  if (values.into === undefined) stdout.write(table)
  else writeInto(values.into, table)
  return comparison.rows.some(({ differing }) => differing.length > 0) ? exitCodes.failed : exitCodes.passed
}

function writeInto(file: string, table: string): void {
  const text = attempt(`read ${file}`, () => readFileSync(file, 'utf8'))
  const [from, to] = [text.indexOf(marks.begin), text.indexOf(marks.end)]
  if (from < 0 || to < from)
    throw usageError(`cannot write into ${file}: it lacks the lines that surround the table`, help)
  const changed = `${text.slice(0, from + marks.begin.length)}\n\n${table}\n${text.slice(to)}`
  attempt(`write ${file}`, () => writeFileSync(file, changed))
}

function readVerdicts(folder: string): RunVerdicts {
  const file = join(folder, 'junit.xml')
  try {
    return parseJunit(readResult(folder, 'junit.xml'))
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`, `to draw it again: ${ownCommand(`report ${folder}`)}`)
  }
}
