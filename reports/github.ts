import { caseHistories, isFlaky, renderRates } from './run/case-history.ts'
import { renderOtherTries } from './run/judged-cases.ts'
import { renderLost } from './run/lost-files.ts'
import { colouredSigns, countOutcomes, isTrouble, outcomes, renderCount, troublesIn } from './run/outcomes.ts'
import type { RunSummary, ScopeSummary } from './run/summary.ts'
import { inlineMarkdown } from './text/markdown.ts'
import { oneLine, plural, renderDuration } from './text/plain-text.ts'

const maxAnnotations = 20
const maxRows = 400
const maxSummaryChars = 200_000

/**
 * Workflow commands that mark each case that is not passed at its line of the lab file. `toPath` returns a file's path
 * in the repository; a case of a file that lies elsewhere (undefined) is reported without a place.
 */
export function renderAnnotations(summary: RunSummary, toPath: (file: string) => string | undefined): string {
  const troubles = troublesOf(summary)
  const lines = troubles.slice(0, maxAnnotations).map(({ scope, one }) => {
    const path = one.file === '' ? undefined : toPath(one.file)
    const place =
      path === undefined
        ? []
        : [`file=${property(oneLine(path, 1000))}`, ...(one.line === undefined ? [] : [`line=${one.line}`])]
    const title = `title=${property(oneLine(`${scope.scope}: ${one.name}`))}`
    return `::error ${[...place, title].join(',')}::${data(oneLine(one.message, 2000))}\n`
  })
  const more = troubles.length - lines.length
  const lost = renderLost(summary.lost).map((line) => `::error title=wirelab::${data(line)}\n`)
  return [...lines, ...lost].join('') + (more > 0 ? `::error title=wirelab::and ${plural(more, 'case')} more\n` : '')
}

/**
 * What is not passed, for a job's summary, and a Markdown table of the labs, those in trouble first. Far below the 1 MiB
 * of UTF-8 that GitHub takes; what is cut is the end of the table.
 */
export function renderStepSummary(summary: RunSummary): string {
  const { scopes, counts, lost, durationMs, started } = summary
  const flaky = caseHistories(scopes).filter(isFlaky)
  const troubles = troublesOf(summary)
  const more = troubles.length - maxAnnotations
  const rows = [...troublesIn(scopes), ...scopes.filter(({ outcome }) => !isTrouble(outcome))]
  const text = [
    `### ${colouredSigns[summary.outcome]} wirelab: ${outcomes.map((outcome) => renderCount(counts, outcome)).join(', ')}`,
    '',
    ...(started === undefined
      ? []
      : [
          `${renderDuration(durationMs)}, ${cell(started.surroundings.accelerator)}, kernel ${cell(started.surroundings.kernel)}, image ${cell(started.surroundings.image)}`,
          '',
        ]),
    ...troubles
      .slice(0, maxAnnotations)
      .map(
        ({ scope, one }) =>
          `- ${colouredSigns[one.outcome]} **${cell(scope.scope)}**: ${cell(one.name)}: ${cell([one.message, renderOtherTries(one)].filter(Boolean).join('; '))}`,
      ),
    ...(more > 0 ? [`- and ${plural(more, 'case')} more`] : []),
    ...renderLost(lost).map((line) => `- ${colouredSigns.error} ${cell(line)}`),
    ...flaky
      .slice(0, maxAnnotations)
      .map(
        (one) => `- ≈ flaky: **${cell(one.lab)}/${cell(one.variant)}**: ${cell(one.name)}: ${cell(renderRates(one))}`,
      ),
    '',
    '| | lab | passed | failed | errors | skipped | time |',
    '|---|---|--:|--:|--:|--:|--:|',
    ...rows.slice(0, maxRows).map(renderRow),
    ...(rows.length > maxRows ? [`| | and ${rows.length - maxRows} more | | | | | |`] : []),
    '',
  ].join('\n')
  return text.slice(0, maxSummaryChars)
}

function renderRow(scope: ScopeSummary) {
  const counts = countOutcomes(scope.cases)
  const numbers = outcomes.map((outcome) => counts[outcome]).join(' | ')
  return `| ${colouredSigns[scope.outcome]} | ${cell(scope.scope)} | ${numbers} | ${renderDuration(scope.durationMs)} |`
}

const troublesOf = ({ scopes }: RunSummary) =>
  troublesIn(scopes.flatMap((scope) => scope.cases.map((one) => ({ scope, one, outcome: one.outcome }))))

const cell = (text: string) => inlineMarkdown(text, 300)

// How workflow commands escape: actions/toolkit, packages/core/src/command.ts.
const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
