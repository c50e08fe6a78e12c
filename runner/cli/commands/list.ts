import { renderJson } from '../../../reports/text/json.ts'
import { displayWidth, oneLine, plural } from '../../../reports/text/plain-text.ts'
import { ownCommand } from '../../host/own-command.ts'
import { listLabs } from '../../lab/find-lab.ts'
import type { CommandContext } from '../command.ts'
import { knownTimes, renderKnownTime, timeOfLab } from '../known-times.ts'
import { labsFolder } from '../labs-folder.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('[list] [-- OPTIONS]')}

Lists the labs: chapter, machines, how long all variants took in the newest runs in results/, title.

Options:
  --json     as JSON
`

/** Its options, as parseArgs takes them. */
export const options = {
  json: { type: 'boolean', default: false },
} as const

/** `npm run lab`, or `npm run lab list`: the labs, one line each. */
export const command = withHelp(help, options, act)

async function act({ values }: Given<typeof options>, { stdout }: CommandContext): Promise<number> {
  const times = knownTimes('results')
  const labs = listLabs(labsFolder).map((lab) => ({ ...lab, durationMs: timeOfLab(lab.name, lab.variants, times) }))
  if (values.json) {
    stdout.write(`${renderJson(labs, 2)}\n`)
    return 0
  }
  const rows = labs.map(({ name, title, chapter = '–', machines, durationMs }) => [
    name,
    oneLine(chapter),
    plural(machines, 'machine'),
    renderKnownTime(durationMs),
    title === undefined ? '(its lab.yaml cannot be read)' : oneLine(title),
  ])
  for (const line of alignColumns(rows)) stdout.write(`${line}\n`)
  return 0
}

/** Rows of text as lines, in which the cells of a column are as wide as the widest. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.map((_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? '')))) ?? []
  return rows.map((row) =>
    row
      .map((cell, at) => pad(cell, columns[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const pad = (cell: string, width: number) => cell + ' '.repeat(Math.max(0, width - displayWidth(cell)))
