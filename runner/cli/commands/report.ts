import { reporters } from '../../../reports/index.ts'
import { createTerminalReporter } from '../../../reports/terminal/terminal.ts'
import { endingWith, exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { CommandContext } from '../command.ts'
import { drawReports } from '../draw-reports.ts'
import { type Given, withHelp } from '../options.ts'
import { readStory } from '../read-story.ts'

const help = `Usage: ${ownCommand('report DIR [-- --verbose]')}

Draws the reports of a results folder again from its events.jsonl: the terminal's report here, and there
${reporters.map(({ file, readers }) => `  ${file.padEnd(12)} for ${readers}\n`).join('')}
Needs no machine. The exit code is the run's own, but 3 in place of 0 when a report can't be drawn.
`

/** Its options, as parseArgs takes them. */
export const options = {
  verbose: { type: 'boolean', default: false },
} as const

/** `npm run lab report DIR`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0)
    throw usageError('cannot draw reports: expected one results folder', help)
  const { colour, stdout } = context
  const show = createTerminalReporter(stdout, {
    colour,
    interactive: false,
    columns: stdout.columns ?? 100,
    verbose: values.verbose,
    results: folder,
  })
  const story = readStory(folder, { watch: show })
  const drawn = await drawReports(folder, story, (problem) => context.stderr.write(problem))
  const { finished } = story.summary
  if (finished !== undefined) return endingWith(finished.exitCode, drawn)
  stdout.write('The run did not end by itself: its last event is missing.\n')
  return exitCodes.machinery
}
