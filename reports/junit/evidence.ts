import { hasToFail } from '../run/judged-cases.ts'
import { outcomeOfCell, signs } from '../run/outcomes.ts'
import type { JudgedCase, ScopeSummary } from '../run/summary.ts'
import { plural } from '../text/plain-text.ts'

/**
 * What a person needs to see why a case is not passed, as text: place, wanted, found, table, transcript. For a mutation
 * it is what became of the lab's own cases. Not cleaned and not bounded.
 */
export const renderEvidence = (scope: ScopeSummary, one: JudgedCase): string =>
  [
    ...(one.verdict === undefined ? [one.message] : verdictLines(one.verdict)),
    ...(one.file === '' ? [] : [` at ${one.file}${one.line === undefined ? '' : `:${one.line}`}`]),
    ...(scope.mutated ?? []).flatMap(mutatedLines(scope)),
    ...(one.verdict === undefined || one.verdict.transcript === '' ? [] : ['', one.verdict.transcript]),
  ].join('\n')

const verdictLines = ({ wanted, found, attempts, durationMs, cells = [] }: NonNullable<JudgedCase['verdict']>) => [
  `wanted: ${wanted}`,
  `found:  ${found}`,
  `tried:  ${plural(attempts, 'time')} in ${(durationMs / 1000).toFixed(3)} s`,
  ...cells.map(
    (cell) => `${signs[outcomeOfCell(cell)]} ${cell.row} -> ${cell.column}: wanted ${cell.wanted}, found ${cell.found}`,
  ),
]

const mutatedLines =
  ({ started }: ScopeSummary) =>
  (one: JudgedCase) => {
    const hadToFail = hasToFail(started, one.name)
    const line = `${one.outcome}: ${one.name}${hadToFail ? ' (had to fail)' : ''}`
    const asWanted = hadToFail ? one.outcome === 'failed' : one.outcome === 'passed'
    return asWanted || one.verdict === undefined
      ? [line]
      : [line, indent(verdictLines(one.verdict).join('\n')), indent(one.verdict.transcript)]
  }

const indent = (text: string) => text.replaceAll(/^/gm, '    ')
