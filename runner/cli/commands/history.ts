import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildHistory } from '../../../reports/many-runs/history.ts'
import { renderHistoryHtml, renderTrend } from '../../../reports/many-runs/history-html.ts'
import { oneLine, plainMessage, plural, renderDuration } from '../../../reports/text/plain-text.ts'
import { attempt, usageError } from '../../errors.ts'
import { writeResult } from '../../host/results-files.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'
import { readRunEvents } from '../read-run-events.ts'

const help = `Usage: npm run lab history DIR... [-- --out FILE]

Tells of each case in several results folders how often it passed and failed, how often that changed, and what time it
takes and took. Prints the cases that did not always pass, and draws a page of all (default: results/history.html).
`

const byDefault = { folder: 'results', name: 'history.html' } as const

const options = {
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** `npm run lab history DIR...`. Returns 0 whatever became of the runs. */
export async function historyCommand(args: readonly string[], { stdout }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    stdout.write(help)
    return 0
  }
  if (positionals.length === 0) throw usageError('cannot tell a history: expected results folders', help)
  const history = buildHistory(positionals.map(readRunEvents))
  const unsteady = history.cases.filter(({ failed, errors }) => failed + errors > 0)
  stdout.write(`${plural(history.runs.length, 'run')}, ${plural(history.cases.length, 'case')}\n`)
  for (const { lab, variant, name, passed, failed, errors, changes, medianMs, trend } of unsteady) {
    const counts = `${passed} passed, ${failed} failed, ${plural(errors, 'error')}, ${plural(changes, 'change')}`
    const time = medianMs === undefined ? '' : `, ${renderDuration(medianMs)}, ${renderTrend(trend)}`
    stdout.write(plainMessage(`${oneLine(`${lab}/${variant}: ${name}`)}\n    ${counts}${time}\n`))
  }
  const { out = join(byDefault.folder, byDefault.name) } = values
  const page = renderHistoryHtml(history)
  attempt(`write ${out}`, () => {
    mkdirSync(dirname(out), { recursive: true })
    // A file that was named may be a link, or a device: that is for its owner to say.
    if (values.out === undefined) writeResult(byDefault.folder, byDefault.name, page)
    else writeFileSync(out, page)
  })
  stdout.write(`Page: ${out}\n`)
  return 0
}
