import type { RunVerdicts, ScopeVerdicts } from '../junit/parse-junit.ts'
import { type Counts, countOutcomes, outcomesIn, renderCount } from '../run/outcomes.ts'
import { inlineMarkdown } from '../text/markdown.ts'
import { nameRuns, type RunToName } from './name-runs.ts'

/** What became of the same cases in several runs. */
export interface Comparison {
  /** One for each run: what tells it from the others. */
  readonly columns: readonly string[]
  readonly rows: readonly ComparedScope[]
}

export interface ComparedScope {
  readonly scope: string
  /** In the order of the columns; undefined where the run had no such scope. */
  readonly cells: readonly (ComparedCell | undefined)[]
  /**
   * Names of the cases that are not in all runs that had the scope, or were judged otherwise there. What was skipped
   * was not judged.
   */
  readonly differing: readonly string[]
}

export interface ComparedCell {
  readonly counts: Counts
  /** Why cases were skipped or could not be judged, each reason once. */
  readonly reasons: readonly string[]
}

/** Sets the verdicts of runs side by side, lab by lab, in the order of their names. */
export function compareRuns(runs: readonly (RunVerdicts & RunToName)[]): Comparison {
  const names = [...new Set(runs.flatMap(({ scopes }) => scopes.map(({ scope }) => scope)))].toSorted()
  return {
    columns: nameRuns(runs),
    rows: names.map((scope) => {
      const found = runs.map(({ scopes }) => scopes.find((one) => one.scope === scope))
      return { scope, cells: found.map((one) => one && cellOf(one)), differing: differencesOf(found) }
    }),
  }
}

function cellOf({ cases }: ScopeVerdicts): ComparedCell {
  const unjudged = cases.filter(({ outcome }) => outcome === 'skipped' || outcome === 'error')
  return {
    counts: countOutcomes(cases),
    reasons: [...new Set(unjudged.map(({ outcome, message }) => `${outcome}, ${message}`))],
  }
}

function differencesOf(found: readonly (ScopeVerdicts | undefined)[]): string[] {
  const there = found.filter((one) => one !== undefined)
  const outcomes = there.map(({ cases }) => new Map(cases.map(({ name, outcome }) => [name, outcome])))
  const names = new Set(outcomes.flatMap((one) => [...one.keys()]))
  return [...names].filter(
    (name) => new Set(outcomes.map((one) => one.get(name)).filter((outcome) => outcome !== 'skipped')).size > 1,
  )
}

/** A comparison as a Markdown table, with what differs and why below it. */
export function renderComparison({ columns, rows }: Comparison): string {
  const names = columns.map((name) => inlineMarkdown(name))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [
    line(['lab', ...names]),
    line(['lab', ...columns].map(() => '---')),
    ...rows.map(({ scope, cells }) => line([inlineMarkdown(scope), ...cells.map(renderCell)])),
  ]
  const notes = rows.flatMap(({ scope, cells, differing }) => [
    ...(differing.length === 0
      ? []
      : [`- ${inlineMarkdown(scope)} differs in: ${differing.map((name) => inlineMarkdown(name)).join('; ')}`]),
    ...cells.flatMap((cell, at) =>
      (cell?.reasons ?? []).map((why) => `- ${inlineMarkdown(scope)}, ${names[at]}: ${inlineMarkdown(why)}`),
    ),
  ])
  return [...table, ...(notes.length === 0 ? [] : ['', ...notes])].map((text) => `${text}\n`).join('')
}

const renderCell = (cell: ComparedCell | undefined) =>
  cell === undefined
    ? 'not run'
    : outcomesIn(cell.counts)
        .map((outcome) => renderCount(cell.counts, outcome))
        .join(', ')
