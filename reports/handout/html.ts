import type { CopiedFile } from '../../runner/events.ts'
import { renderDocument } from '../html/document.ts'
import { type Html, html, trusted } from '../html/markup.ts'
import { renderOutage } from '../html/outage.ts'
import { renderBox, renderPrinted } from '../html/page.ts'
import { gridOf } from '../run/grid.ts'
import { oneLine, plural } from '../text/plain-text.ts'
import { type DrawSvg, loadDrawSvg } from '../topology/svg.ts'
import { type Drawing, drawTopology } from '../topology/topology.ts'
import {
  forStudents,
  type Handout,
  type HandoutOptions,
  type HandoutStep,
  type HandoutVariant,
  numberOf,
} from './handout.ts'
import type { Question } from './question.ts'

const maxOutputChars = 6000
const maxEvidenceChars = 2000

/** A handout as one page of HTML that prints well on A4; for a student, without outputs and answers. */
export async function renderHandoutHtml(whole: Handout, { student, byHand = [] }: HandoutOptions): Promise<string> {
  const handout = student ? forStudents(whole) : whole
  const draw = await loadDrawSvg()
  return renderDocument({
    title: oneLine(handout.title),
    styles: ['../handout/handout.css'],
    bodyClass: 'handout',
    body: html`<main>
<p class="kicker">wirelab · ${oneLine(handout.lab)}${student && html` · for students`}</p>
<h1>${oneLine(handout.title)}</h1>
<p class="summary">${handout.summary}</p>
${byHand.length > 0 && html`<section class="by-hand"><h2>By hand</h2><dl>${byHand.map(({ command, does }) => html`<div><dt><code>${command}</code></dt><dd>${does}</dd></div>`)}</dl></section>`}
${handout.variants.map((variant, index) => renderVariant(variant, index, { handout, student, draw }))}
${renderErrata(handout)}
</main>
<footer><p class="aside">${student ? 'Outputs and answers are left out.' : html`Outputs are those of ${oneLine(handout.source)}.`}</p></footer>`,
  })
}

interface Made {
  readonly handout: Handout
  readonly student: boolean
  readonly draw: DrawSvg
}

function renderVariant(variant: HandoutVariant, index: number, { handout, student, draw }: Made) {
  const { variants } = handout
  return html`<section>
${variants.length > 1 && html`<h2>Variant ${oneLine(variant.name)}</h2>`}
${index === 0 && renderDrawing(drawTopology(variant.topology), 'topology', draw)}
${variant.asBefore > 0 && html`<p>${plural(variant.asBefore, 'step')} as in variant ${oneLine(variants[0]?.name ?? '')}; these differ:</p>`}
<ol class="steps">${variant.steps.map((step) => renderStep(step, { student, draw }, variants.length === 1 ? 'h2' : 'h3'))}</ol>
</section>
`
}

const renderStep = (
  step: HandoutStep,
  { student, draw }: Pick<Made, 'student' | 'draw'>,
  level: 'h2' | 'h3',
): Html => html`<li class="step" value="${step.number}">
${level === 'h2' ? html`<h2 class="name">${oneLine(step.name)}</h2>` : html`<h3>${oneLine(step.name)}</h3>`}
${step.questions.map((question, at) => renderQuestion(question, numberOf(at, step), student))}
${step.why !== undefined && html`<p class="why">${step.why}</p>`}
${step.copies.map((copy) => renderCopy(copy, step.node ?? ''))}
${step.script !== undefined && renderBox(oneLine(step.node ?? ''), [renderPrinted(step.script, maxOutputChars, 'commands', 'typed'), !student && renderPrinted(step.output, maxOutputChars, 'output')])}
${step.events.length > 0 && html`<ul class="events">${step.events.map((event) => html`<li><span aria-hidden="true">⚡</span> ${oneLine(event)}</li>`)}</ul>`}
${step.network !== undefined && renderDrawing(step.network, `the network after step ${step.number}`, draw)}
${!student && step.outages.map(renderOutage)}
${!student && step.questions.map((question, at) => renderAnswer(question, numberOf(at, step)))}
</li>
`

const renderDrawing = (drawing: Drawing, label: string, draw: DrawSvg) =>
  html`<figure class="drawing"><div class="wide" tabindex="0" role="group" aria-label="${label}">${trusted(draw(drawing))}</div></figure>`

const renderCopy = ({ to, from, text }: CopiedFile, node: string) =>
  text === undefined
    ? html`<p>Copy <code>${oneLine(from)}</code> to <code>${oneLine(to)}</code> on ${oneLine(node)}.</p>`
    : renderBox(`${oneLine(node)}: write into ${oneLine(to)}`, renderPrinted(text, maxOutputChars, oneLine(to)))

const renderQuestion = ({ question, cells, asked }: Question, number: string, student: boolean) =>
  html`<div class="question"><p><b>Before you go on${number}:</b> ${oneLine(question, 2000)}</p>${student && renderPrinted(asked.join('\n'), maxOutputChars, `how to look${number}`)}${student && (cells === undefined ? html`<p class="line"></p>` : renderTable(cells, false))}</div>
`

const renderAnswer = ({ answer, cells, evidence }: Question, number: string) =>
  html`<details class="answer"><summary>Answer${number}</summary><p>${oneLine(answer, 2000)}</p>${cells !== undefined && renderTable(cells, true)}${renderPrinted(evidence, maxEvidenceChars, `how the run looked${number}`)}</details>
`

function renderTable(cells: NonNullable<Question['cells']>, filled: boolean) {
  const { rows, columns, at } = gridOf(cells)
  return html`<div class="wide" tabindex="0" role="group" aria-label="table of who reaches whom"><table class="cells"><thead><tr><th scope="col"><span class="aside">from ↓ to →</span></th>${columns.map((name) => html`<th scope="col">${oneLine(name, 60)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${oneLine(row, 60)}</th>${columns.map((column) => renderCell(at(row, column)?.answer, filled))}</tr>`)}</tbody></table></div>`
}

function renderCell(answer: string | undefined, filled: boolean) {
  if (answer === undefined) return html`<td class="none"><span aria-hidden="true">·</span></td>`
  return html`<td>${filled && oneLine(answer, 60)}</td>`
}

const renderErrata = ({ errata }: Handout) =>
  errata.length > 0 &&
  html`<section><h2>What older notes have wrong</h2>
${errata.map(
  ({ notes, fails, works }) =>
    html`<dl class="erratum"><div><dt>The notes</dt><dd>${notes}</dd></div><div><dt>What happens</dt><dd>${fails}</dd></div><div><dt>What works</dt><dd>${works}</dd></div></dl>
`,
)}</section>
`
