import type { CaseFinished, CommandFinished, MachineDied, ScopeStarted, StepStarted } from '../runner/events.ts'
import type { Paint } from './paint.ts'
import { looks, signs } from './paint.ts'
import { boundedLines, oneLine, plural, renderDuration } from './plain-text.ts'
import type { JudgedCase, RunSummary, ScopeSummary } from './summary.ts'
import { renderTable } from './terminal-table.ts'

/** What the lines of a terminal report depend on besides the events. */
export interface Style {
  readonly paint: Paint
  /** Width of the terminal in characters. */
  readonly columns: number
  readonly verbose: boolean
  /** The results folder, as a person would type it. */
  readonly results?: string
}

const lineWidth = 500
const wordy = { head: 1000, tail: 1000, width: 2000 }

/** The heading of a scope: its name and the lab's title, or the mistake that a mutation makes. */
export const scopeHeading = ({ scope, title, mutation }: ScopeStarted, { paint }: Style): string[] => {
  const about = mutation === undefined ? title : `mutation: ${mutation.name}`
  return ['', `${paint('bold', oneLine(scope))}  ${paint('cyan', oneLine(about))}`]
}

/** A step as it begins: its name, why, and the script with a prompt. */
export const stepLines = (
  { name, why, node, script, copies = [] }: StepStarted,
  { paint, verbose }: Style,
): string[] => [
  `  ${oneLine(name)}`,
  ...(why === undefined || !verbose ? [] : boundedLines(why, wordy).map((line) => paint('dim', `    ${line}`))),
  ...copies.map((path) => paint('dim', `    + ${oneLine(path)}`)),
  ...boundedLines(script ?? '', verbose ? wordy : { head: 20, tail: 5, width: lineWidth }).map((line) =>
    paint('dim', `    ${oneLine(node ?? '')}$ ${line}`),
  ),
]

/** What a command printed, and its exit code when it isn't 0. */
export const outputLines = ({ stdout, stderr, exitCode, cut, log }: CommandFinished, style: Style): string[] => {
  const bounds = style.verbose ? wordy : { head: 20, tail: 10, width: lineWidth }
  const lines = [...boundedLines(stdout, bounds), ...boundedLines(stderr, bounds)].map((line) => `      ${line}`)
  if (cut && log !== undefined) lines.push(style.paint('dim', `      the whole output: ${pathOf(log, style)}`))
  if (exitCode !== 0) lines.push(style.paint('dim', `      exit code ${exitCode}`))
  return lines
}

/** A verdict: one line when passed (and its table), and all that tells why when not. */
export const caseLines = (verdict: CaseFinished, log: string | undefined, style: Style): string[] => {
  const { paint, columns } = style
  const { outcome, attempts, durationMs, cells = [] } = verdict
  const tried = attempts > 1 ? `, ${attempts} attempts` : ''
  const sign = paint(looks[outcome], `${signs[outcome]} ${oneLine(verdict.case)}`)
  const first = `  ${sign} ${paint('dim', `(${renderDuration(durationMs)}${tried})`)}`
  const table = renderTableWhenAny(cells, paint, columns - 6).map((line) => `      ${line}`)
  if (outcome === 'passed') return [first, ...table]
  const tail = style.verbose ? wordy : { head: 0, tail: 15, width: lineWidth }
  return [
    first,
    `      wanted  ${oneLine(verdict.wanted, lineWidth)}`,
    `      found   ${oneLine(verdict.found, lineWidth)}`,
    ...table,
    ...boundedLines(verdict.transcript, tail).map((line) => paint('dim', `      | ${line}`)),
    `      at ${placeOf(verdict)}${restOf(log, style)}`,
  ]
}

/** Skipped cases folded to a line, with their common reason. */
export const skippedLines = (names: readonly string[], reason: string, { paint, verbose }: Style): string[] => {
  const [only = ''] = names
  const what =
    names.length === 1 || verbose ? names.map((name) => oneLine(name)).join(', ') : plural(names.length, 'case')
  const line = names.length === 1 ? `${oneLine(only)} skipped` : `${what} skipped`
  return [`  ${paint('dim', `${signs.skipped} ${line}: ${oneLine(reason)}`)}`]
}

/** A machine that ended, with the last it said. */
export const deathLines = ({ machine, reason, consoleTail }: MachineDied, { paint }: Style): string[] => [
  `  ${paint('yellow', `${signs.error} machine ${oneLine(machine)} died: ${oneLine(reason)}`)}`,
  ...boundedLines(consoleTail, { head: 0, tail: 15, width: lineWidth }).map((line) => paint('dim', `      | ${line}`)),
]

/** A case that has no verdict of its own: a mutation's, a broken step's, one that was never judged. */
export const bareCaseLines = (one: JudgedCase, { paint }: Style): string[] => [
  `  ${paint(looks[one.outcome], `${signs[one.outcome]} ${oneLine(one.name)}`)} ${paint('dim', `(${renderDuration(one.durationMs)})`)}`,
  ...(one.message === '' ? [] : [`      ${oneLine(one.message, lineWidth)}`]),
]

/** The end of a report: what went wrong once more, then the numbers. */
export const summaryLines = ({ scopes, counts, durationMs, finished }: RunSummary, style: Style): string[] => {
  const { paint } = style
  const listed = scopes
    .flatMap((scope) => scope.cases.map((one) => ({ scope, one })))
    .filter(({ one }) => isTrouble(one))
  const parts = (['passed', 'failed', 'error', 'skipped'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) =>
      paint(looks[outcome], outcome === 'error' ? plural(counts.error, 'error') : `${counts[outcome]} ${outcome}`),
    )
  const numbers = parts.length === 0 ? 'nothing was judged' : parts.join(', ')
  return [
    '',
    ...listed.flatMap(({ scope, one }) => troubleLines(scope, one, style)),
    ...(listed.length > 0 ? [''] : []),
    ...(finished === undefined ? [paint('yellow', 'the run was ended before its end')] : []),
    `${paint('bold', numbers)} ${paint('dim', `in ${renderDuration(durationMs)}`)}`,
  ]
}

const troubleLines = (scope: ScopeSummary, one: JudgedCase, { paint }: Style) => [
  `${paint(looks[one.outcome], signs[one.outcome])} ${oneLine(scope.scope)}: ${oneLine(one.name)}`,
  `    ${paint('dim', oneLine(one.message, lineWidth))}`,
  ...(one.file === '' ? [] : [`    ${paint('dim', `at ${placeOf(one)}`)}`]),
]

const isTrouble = ({ outcome }: JudgedCase) => outcome === 'failed' || outcome === 'error'

const renderTableWhenAny = (cells: NonNullable<CaseFinished['cells']>, paint: Paint, columns: number) =>
  cells.length === 0 ? [] : renderTable(cells, paint, columns)

const placeOf = ({ file, line }: { readonly file: string; readonly line?: number }) =>
  `${oneLine(file)}${line === undefined ? '' : `:${line}`}`

const restOf = (log: string | undefined, style: Style) => {
  if (log === undefined && style.results === undefined) return ''
  return `; the rest is in ${pathOf(log ?? 'events.jsonl', style)}`
}

const pathOf = (path: string, { results }: Style) =>
  results === undefined ? path : `${results.replace(/\/+$/, '')}/${path}`
