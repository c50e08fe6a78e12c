import type { CaseFinished } from '../../runner/events.ts'
import { type Cell, squareGridOf } from '../run/grid.ts'
import { renderOtherTries } from '../run/judged-cases.ts'
import { isTrouble, outcomeOfCell } from '../run/outcomes.ts'
import type { JudgedCase, ScopeSummary } from '../run/summary.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import { type Html, html } from './markup.ts'
import { type PageContext, renderPrinted, shortPath, sign } from './page.ts'

/** Where a case stands. */
interface CasePlace {
  readonly scope: ScopeSummary
  /** It is one by which a mutation is caught. */
  readonly hasToFail: boolean
  /** The one before it in its step. */
  readonly before: JudgedCase | undefined
}

/**
 * A case with its verdict, what was wanted and found, and the evidence; a link to its id leads here. What was found is
 * told once where several claims are about it, as about an outage.
 */
export function renderCase(one: JudgedCase, page: PageContext, { scope, hasToFail, before }: CasePlace): Html {
  const id = page.ids.ofCase(scope, one)
  const { verdict, outcome } = one
  const inTrouble = isTrouble(outcome)
  return html`<article class="case ${outcome}" id="${id}" tabindex="-1">
<h4>${sign(outcome)} ${oneLine(nameInStep(one))}${hasToFail && html` <span class="tag">had to fail</span>`} <a class="self" href="#${id}" aria-label="link to this case">#</a></h4>
${verdict === undefined ? html`<p>${oneLine(one.message, 2000)}</p>` : renderVerdict(one, verdict, before?.verdict?.found === verdict.found)}
${one.otherTries !== undefined && html`<p class="aside">${oneLine(renderOtherTries(one), 4000)}</p>`}
${verdict?.cells !== undefined && verdict.cells.length > 0 && renderCells(verdict.cells)}
${verdict !== undefined && renderTranscript(verdict, inTrouble, inTrouble ? page.detail.trouble : page.detail.passed)}
</article>
`
}

/** The claim alone, below the heading of its step; the whole name where a number tells it from another. */
const nameInStep = ({ name, verdict }: JudgedCase) =>
  verdict !== undefined && name === `${verdict.stepName}: ${verdict.claim}` ? verdict.claim : name

const renderVerdict = (
  { outcome, file, line }: JudgedCase,
  { wanted, found, attempts, durationMs }: CaseFinished,
  isTold: boolean,
) =>
  outcome === 'passed'
    ? html`<p class="found">${!isTold && oneLine(found, 2000)} <span class="aside">${renderDuration(durationMs)}${attempts > 1 && html`, ${plural(attempts, 'attempt')}`}</span></p>`
    : html`<dl class="verdict"><div><dt>wanted</dt><dd>${oneLine(wanted, 4000)}</dd></div><div><dt>found</dt><dd>${oneLine(found, 4000)}</dd></div></dl>
<p class="aside">${plural(attempts, 'attempt')} in ${renderDuration(durationMs)}; claimed at <span title="${file}">${shortPath(file)}${line !== undefined && html`:${line}`}</span></p>`

function renderTranscript({ transcript, assertion }: CaseFinished, open: boolean, maxChars: number) {
  if (transcript.trim() === '' || maxChars === 0) return undefined
  return html`<details class="evidence"${open && html` open`}><summary>What was typed and printed for this verdict (${assertion})</summary>
${renderPrinted(transcript, maxChars, 'transcript')}</details>`
}

/**
 * Who reached whom: a row for each origin, and in each cell a sign, what was found, and what was wanted if that
 * differs.
 */
function renderCells(cells: readonly Cell[]) {
  const { rows, columns, at } = squareGridOf(cells)
  return html`<div class="wide" tabindex="0" role="group" aria-label="table of who reaches whom"><table class="cells">
<thead><tr><th scope="col"><span class="aside">from ↓ to →</span></th>${columns.map((name) => html`<th scope="col">${oneLine(name, 60)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr><th scope="row">${oneLine(row, 60)}</th>${columns.map((column) => renderCell(at(row, column)))}</tr>
`,
  )}</tbody></table></div>`
}

function renderCell(cell: Cell | undefined) {
  if (cell === undefined) return html`<td class="none"><span aria-hidden="true">·</span></td>`
  const { wanted, found } = cell
  const outcome = outcomeOfCell(cell)
  return html`<td class="${outcome}">${sign(outcome)} ${oneLine(found, 60)}${wanted !== found && html`<br><span class="aside">wanted ${oneLine(wanted, 60)}</span>`}</td>`
}
