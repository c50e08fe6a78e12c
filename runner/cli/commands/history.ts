import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildHistory } from '../../../reports/many-runs/history.ts'
import { renderHistoryHtml, renderTrend } from '../../../reports/many-runs/history-html.ts'
import { oneLine, plural, renderDuration } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'
import { readRunEvents } from '../read-run-events.ts'

const help = `Usage: npm run lab history DIR... [-- --out FILE]

Tells of each case in several results folders how often it passed and failed, how often that changed, and what time it
takes and took. Prints the cases that did not always pass, and draws a page of all (default: results/history.html).
`

const options = {
  out: { type: 'string', default: join('results', 'history.html') },
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
    stdout.write(`${lab}/${variant}: ${oneLine(name)}\n    ${counts}${time}\n`)
  }
  mkdirSync(dirname(values.out), { recursive: true })
  writeFileSync(values.out, renderHistoryHtml(history))
  stdout.write(`Page: ${values.out}\n`)
  return 0
}
