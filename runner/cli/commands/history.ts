import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderTrend } from '../../../reports/html/repetitions.ts'
import { buildHistory } from '../../../reports/many-runs/history.ts'
import { renderHistoryHtml } from '../../../reports/many-runs/history-html.ts'
import { isUnsteady, renderRates } from '../../../reports/run/case-history.ts'
import { countOutcomes, outcomesIn, renderCount } from '../../../reports/run/outcomes.ts'
import { oneLine, plainMessage, plural } from '../../../reports/text/plain-text.ts'
import { attempt, messageOf, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { writeResult } from '../../host/results-files.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { outlineRun } from '../read-run-events.ts'
import { resultsFolders } from '../results-folders.ts'

const help = `Usage: ${ownCommand('history DIR... [-- --out FILE]')}

Tells of each case in results folders, repetitions in them included, at what rate it failed and was inconclusive, how
often another try settled that, how often it changed, and how long it took to become true (median and slowest). Prints
the cases that did not always pass at once, and draws a page of all, and of the trend night by night (default:
results/history.html). What can't be read is told and left out, unless that is all.
`

const byDefault = { folder: 'results', name: 'history.html' } as const

/** Its options, as parseArgs takes them. */
export const options = {
  out: { type: 'string' },
} as const

/** `npm run lab history DIR...`. Returns 0 whatever became of the runs. */
export const command = withHelp(help, options, act)

async function act(
  { values, positionals }: Given<typeof options>,
  { stdout, stderr }: CommandContext,
): Promise<number> {
  if (positionals.length === 0) throw usageError('cannot tell a history: expected results folders', help)
  const history = buildHistory(readAll(resultsFolders(positionals), stderr))
  const judged = history.cases.flatMap(({ judgings }) => judgings.map(({ judged: { outcome } }) => ({ outcome })))
  const counts = countOutcomes(judged)
  const numbers = outcomesIn(counts).map((outcome) => renderCount(counts, outcome))
  const times = history.cases.length === 0 ? '' : `, judged ${plural(judged.length, 'time')}: ${numbers.join(', ')}`
  stdout.write(`${plural(history.runs.length, 'run')}, ${plural(history.cases.length, 'case')}${times}\n`)
  for (const one of history.cases.filter(isUnsteady)) {
    const more = one.trend === undefined ? [] : [plural(one.changes, 'change'), renderTrend(one.trend)]
    const name = oneLine(`${one.lab}/${one.variant}: ${one.name}`)
    stdout.write(plainMessage(`${name}\n    ${[renderRates(one), ...more].join(', ')}\n`))
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

/** The events of each folder, one after another, as all together may be more than there is room for. */
function* readAll(folders: readonly string[], stderr: CommandContext['stderr']) {
  let left = folders.length
  for (const folder of folders) {
    try {
      yield Array.from(outlineRun(folder))
    } catch (error) {
      left--
      if (left === 0) throw error
      stderr.write(plainMessage(`left out: ${messageOf(error)}\n`))
    }
  }
}
