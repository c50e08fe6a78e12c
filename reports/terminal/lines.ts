import type {
  CaseFinished,
  CommandFinished,
  MachineDied,
  RunStarted,
  ScopeStarted,
  StepStarted,
} from '../../runner/events.ts'
import { renderDeath } from '../../runner/events.ts'
import { caseHistories, isFlaky, renderRates } from '../run/case-history.ts'
import { renderOtherTries } from '../run/judged-cases.ts'
import { renderLost } from '../run/lost-files.ts'
import { type MutantSummary, renderScore, scoreOf } from '../run/mutants.ts'
import { isTrouble, outcomesIn, renderCount, signs } from '../run/outcomes.ts'
import type { JudgedCase, RunSummary, ScopeSummary } from '../run/summary.ts'
import { whyEndedEarly } from '../run/summary.ts'
import { boundedLines, oneLine, outputName, plural, renderDuration } from '../text/plain-text.ts'
import { imageLines } from './image-lines.ts'
import type { Paint } from './paint.ts'
import { looks } from './paint.ts'
import { renderTable } from './table.ts'
import { wrapLine } from './wrap.ts'

/** What the lines of a terminal report depend on besides the events. */
export interface Style {
  readonly paint: Paint
  /** Width of the terminal in characters. */
  readonly columns: number
  readonly verbose: boolean
  /** The results folder, as a person would type it. */
  readonly results?: string
  /** Paths in it of files that could not be written to their end, as far as the events tell until now. */
  readonly lost: ReadonlySet<string>
}

/** How much of a text is shown when all of it is wanted. */
export const wordy = { head: 1000, tail: 1000, width: 2000 }
/** Characters of a line that is shown. */
export const lineWidth = 500

/**
 * The heading of a scope: its name and the lab's title, or the mistake that a mutation makes. One that introduces its
 * lab has the lab's summary.
 */
export function scopeHeading(
  { scope, title, summary, mutation }: ScopeStarted,
  introduces: boolean,
  { paint, columns }: Style,
): string[] {
  const about = mutation === undefined ? title : `mutation: ${mutation.name}`
  // Mutants are many, and all but a few are a line.
  if (mutation?.mutant !== undefined) return [paint('bold', oneLine(scope, lineWidth))]
  return [
    '',
    `${paint('bold', oneLine(scope))}  ${paint('cyan', oneLine(about))}`,
    ...(introduces && mutation === undefined
      ? wrapLine(oneLine(summary, 4000), Math.min(maxProse, columns - 2)).map((line) => `  ${line}`)
      : []),
  ]
}

/** Columns beyond which prose is hard to read. */
const maxProse = 98

/** A step as it begins: its number and name, why, and the script with a prompt. */
export const stepLines = (
  { step, name, why, node, script, copies = [] }: StepStarted,
  { paint, verbose }: Style,
): string[] => [
  `  ${paint('bold', `${step + 1}. ${oneLine(name)}`)}`,
  ...(why === undefined || !verbose ? [] : boundedLines(why, wordy).map((line) => paint('dim', `    ${line}`))),
  ...copies.map(({ to, from }) => paint('dim', `    + ${oneLine(to)} (${oneLine(from)})`)),
  ...boundedLines(script ?? '', verbose ? wordy : { head: 20, tail: 5, width: lineWidth }).map(
    (line) => `    ${paint('dim', `${oneLine(node ?? '')}$`)} ${paint('cyan', line)}`,
  ),
]

/** What a command printed, and its exit code when it isn't 0. */
export function outputLines(
  {
    stdout,
    stderr,
    exitCode,
    cut,
    log,
    lostBytes,
  }: Pick<CommandFinished, 'stdout' | 'stderr' | 'exitCode' | 'cut' | 'log' | 'lostBytes'>,
  style: Style,
): string[] {
  const bounds = style.verbose ? wordy : { head: 20, tail: 10, width: lineWidth }
  const lines = [...boundedLines(stdout, bounds), ...boundedLines(stderr, bounds)].map((line) =>
    `      ${line}`.trimEnd(),
  )
  if (cut && log !== undefined)
    lines.push(style.paint('dim', `      ${outputName(lostBytes, style.lost.has(log))}: ${pathOf(log, style)}`))
  if (exitCode !== 0) lines.push(style.paint('dim', `      exit code ${exitCode}`))
  return lines
}

/** A verdict: one line when passed (and its table), and all that says why when not. */
export function caseLines(verdict: CaseFinished, log: string | undefined, style: Style): string[] {
  const { paint, columns } = style
  const { outcome, attempts, durationMs, cells = [] } = verdict
  const tried = attempts > 1 ? `, ${attempts} attempts` : ''
  const sign = paint(looks[outcome], `${signs[outcome]} ${oneLine(nameInStep(verdict))}`)
  const first = `    ${sign} ${paint('dim', `(${renderDuration(durationMs)}${tried})`)}`
  const table = renderTableWhenAny(cells, paint, columns - 6).map((line) => `      ${line}`)
  if (outcome === 'passed') return [first, ...table]
  const tail = style.verbose ? wordy : { head: 0, tail: 15, width: lineWidth }
  return [
    first,
    `      wanted  ${oneLine(verdict.wanted, lineWidth)}`,
    `      found   ${oneLine(verdict.found, lineWidth)}`,
    ...table,
    ...boundedLines(verdict.transcript, tail).map((line) => paint('dim', `      | ${line}`.trimEnd())),
    `      at ${placeOf(verdict)}${restOf(log, style)}`,
  ]
}

/** The claim alone, below the heading of its step; the whole name where a number tells it from another. */
const nameInStep = ({ case: name, stepName, claim }: CaseFinished) => (name === `${stepName}: ${claim}` ? claim : name)

/** Skipped cases folded to a line, with their common reason. */
export function skippedLines(names: readonly string[], reason: string, { paint, verbose }: Style): string[] {
  const [only = ''] = names
  const what =
    names.length === 1 || verbose ? names.map((name) => oneLine(name)).join(', ') : plural(names.length, 'case')
  const line = names.length === 1 ? `${oneLine(only)} skipped` : `${what} skipped`
  return [`  ${paint('dim', `${signs.skipped} ${line}: ${oneLine(reason)}`)}`]
}

/** A machine that ended, with the last it said. */
export const deathLines = (death: MachineDied, { paint }: Style): string[] => [
  `  ${paint('yellow', `${signs.error} ${oneLine(renderDeath(death))}`)}`,
  ...boundedLines(death.consoleTail, { head: death.panicked ? 10 : 0, tail: 15, width: lineWidth }).map((line) =>
    paint('dim', `      | ${line}`.trimEnd()),
  ),
]

/** Cases that have no verdict of their own: a mutation's, a broken step's, one that was never judged. */
export const bareCaseLines = (cases: readonly JudgedCase[], style: Style): string[] =>
  groupByMessage(cases).flatMap((group) => {
    const { outcome, message, durationMs } = group.first
    const took =
      group.names.length > 1 || durationMs === 0 ? '' : ` ${style.paint('dim', `(${renderDuration(durationMs)})`)}`
    return [
      `  ${style.paint(looks[outcome], `${signs[outcome]} ${namesOf(group, style)}`)}${took}`,
      ...(message === '' ? [] : [`      ${oneLine(message, lineWidth)}`]),
    ]
  })

/** The end of a report: what went wrong once more, then the numbers. */
export function summaryLines(summary: RunSummary, style: Style): string[] {
  const { scopes, counts, lost, durationMs, started, finished } = summary
  const { paint } = style
  const score = scoreOf(scopes)
  const listed = scopes.flatMap((scope) =>
    scope.mutant !== undefined && scope.outcome === 'failed'
      ? mutantLines(scope.mutant, scope, style)
      : groupByMessage(judgedCases(scope).filter(({ outcome }) => isTrouble(outcome))).flatMap((group) =>
          troubleLines(scope, group, style),
        ),
  )
  const parts = outcomesIn(counts).map((outcome) => paint(looks[outcome], renderCount(counts, outcome)))
  const early = whyEndedEarly(finished)
  const numbers = parts.length === 0 ? 'nothing was judged' : parts.join(', ')
  return [
    '',
    ...listed,
    ...retriedLines(scopes, style),
    ...flakyLines(scopes, style),
    ...(listed.length > 0 ? [''] : []),
    ...imageLines(scopes, paint),
    ...renderLost(lost).map((line) => paint(looks.error, `${signs.error} ${line}`)),
    ...(early === undefined ? [] : [paint('yellow', earlyLine(early, scopes, started))]),
    ...(finished === undefined ? [paint('yellow', 'the run was ended before its end')] : []),
    ...(score.length === 0 ? [] : [renderScore(score)]),
    `${paint('bold', numbers)} ${paint('dim', `in ${renderDuration(durationMs)}`)}`,
  ]
}

/** The cases of a scope; of one that was interrupted only those that were judged before. */
export const judgedCases = ({ cases, interrupted }: ScopeSummary): readonly JudgedCase[] =>
  interrupted ? cases.filter(({ verdict }) => verdict !== undefined) : cases

function earlyLine(why: string, scopes: readonly ScopeSummary[], started: RunStarted | undefined): string {
  const judged = scopes.filter(({ interrupted }) => !interrupted).length
  return `${why}: ${judged} of ${plural(scopes.length, started?.kind === 'mutate' ? 'mutation' : 'variant')} judged`
}

/**
 * A mutant that survived, or is caught though it is explained why not, with its line as a mistake in a lab is shown.
 */
function mutantLines(
  { name, file, line, column, text }: MutantSummary,
  scope: ScopeSummary,
  { paint }: Style,
): string[] {
  const number = String(line)
  const [message = ''] = scope.cases.map((one) => one.message)
  const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
  return [
    `${paint(looks.failed, signs.failed)} ${oneLine(file)}:${line}:${column}: ${oneLine(message, lineWidth)}`,
    `${paint('dim', `  ${number} |`)} ${/^[ \t]*/.exec(text)?.[0] ?? ''}${oneLine(text, lineWidth)}`,
    `${paint('dim', `  ${' '.repeat(number.length)} |`)} ${indent}${paint('red', '^')}`,
    `${paint('dim', `  ${' '.repeat(number.length)} |`)} ${oneLine(scope.lab)}: ${oneLine(name, lineWidth)}`,
  ]
}

/** The cases that another try has judged. */
const retriedLines = (scopes: readonly ScopeSummary[], { paint }: Style) =>
  scopes.flatMap((scope) =>
    scope.cases
      .filter(({ outcome, otherTries }) => outcome === 'passed' && otherTries !== undefined)
      .map((one) =>
        paint(
          'dim',
          `${signs.passed} ${oneLine(scope.scope)}: ${oneLine(one.name)}: ${oneLine(renderOtherTries(one), lineWidth)}`,
        ),
      ),
  )

/** The cases whose repetitions differ, with how often. */
const flakyLines = (scopes: readonly ScopeSummary[], { paint }: Style) =>
  caseHistories(scopes)
    .filter(isFlaky)
    .map((one) =>
      paint('dim', `≈ ${oneLine(one.lab)}/${oneLine(one.variant)}: ${oneLine(one.name)}: ${renderRates(one)}`),
    )

interface Group {
  readonly first: JudgedCase
  readonly names: string[]
}

function troubleLines(scope: ScopeSummary, group: Group, style: Style) {
  const { outcome, message, file, line } = group.first
  const place = placeOf(group.names.length === 1 && line !== undefined ? { file, line } : { file })
  return [
    `${style.paint(looks[outcome], signs[outcome])} ${oneLine(scope.scope)}: ${namesOf(group, style)}`,
    `    ${style.paint('dim', oneLine(message, lineWidth))}`,
    ...(group.first.otherTries === undefined
      ? []
      : [`    ${style.paint('dim', oneLine(renderOtherTries(group.first), lineWidth))}`]),
    ...(file === '' ? [] : [`    ${style.paint('dim', `at ${place}`)}`]),
  ]
}

/** Neighbours with the same message, so that a lab that broke early doesn't fill the screen. */
function groupByMessage(cases: readonly JudgedCase[]): Group[] {
  const groups: Group[] = []
  for (const one of cases) {
    const last = groups.at(-1)
    const same = one.message !== '' && last?.first.message === one.message && last.first.outcome === one.outcome
    if (same) last.names.push(one.name)
    else groups.push({ first: one, names: [one.name] })
  }
  return groups
}

const namesOf = ({ names }: Group, { verbose }: Style) =>
  names.length === 1 || verbose ? names.map((name) => oneLine(name)).join(', ') : plural(names.length, 'case')

const renderTableWhenAny = (cells: NonNullable<CaseFinished['cells']>, paint: Paint, columns: number) =>
  cells.length === 0 ? [] : renderTable(cells, paint, columns)

/** A place in a lab file in one line: lab.yaml:12. */
export const placeOf = ({ file, line }: { readonly file: string; readonly line?: number }) =>
  `${oneLine(file)}${line === undefined ? '' : `:${line}`}`

function restOf(log: string | undefined, style: Style) {
  if (log === undefined && style.results === undefined) return ''
  return `; the rest is in ${pathOf(log ?? 'events.jsonl', style)}`
}

const pathOf = (path: string, { results }: Style) =>
  results === undefined ? path : `${results.replace(/\/+$/, '')}/${path}`
