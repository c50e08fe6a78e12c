import { renderDeath } from '../../runner/events.ts'
import { renderCaughtBy } from '../run/mutants.ts'
import { isTrouble } from '../run/outcomes.ts'
import type { ScopeStory, StepStory } from '../run/story.ts'
import { type JudgedCase, renderBeginning, type ScopeSummary } from '../run/summary.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import { drawTopology } from '../topology/topology.ts'
import { type Html, html } from './markup.ts'
import { type PageContext, renderPrinted, shortPath, sign } from './page.ts'
import { renderStep } from './step.ts'

/**
 * The section of a lab in one variant; open from the beginning when something in it needs a look. What is folded is text
 * alone to a browser that runs the script, which unfolds it: to make elements of all labs takes longer than all else.
 */
export function renderScope(story: ScopeStory, page: PageContext, open: boolean): Html {
  const { summary } = story
  const content = renderContent(story, page)
  return html`<details class="scope ${summary.outcome}" id="${page.ids.ofScope(summary)}"${open && html` open`}>
<summary><h2>${sign(summary.outcome)} ${oneLine(summary.scope)}</h2> <span class="aside">${renderDuration(summary.durationMs)}</span></summary>
${open ? content : html`<noscript>${content}</noscript>`}
</details>
`
}

function renderContent(story: ScopeStory, page: PageContext): Html {
  const { summary, steps, ready } = story
  const { started } = summary
  return html`
${started !== undefined && html`<h3 class="title">${oneLine(started.title)}</h3><p class="summary">${started.summary}</p>`}
${started?.mutation?.mutant !== undefined && html`<p class="mutation">A mutant: <b>${oneLine(started.mutation.name)}</b>, at <span title="${started.mutation.mutant.file}">${shortPath(started.mutation.mutant.file)}:${started.mutation.mutant.line}:${started.mutation.mutant.column}</span>. Any claim may catch it.${summary.mutant?.caughtBy !== undefined && html` It was ${oneLine(renderCaughtBy(summary.mutant.caughtBy), 1000)}.`}</p>`}
${started?.mutation !== undefined && started.mutation.mutant === undefined && html`<p class="mutation">A deliberate mistake: <b>${oneLine(started.mutation.name)}</b>. It must be caught by: ${oneLine(started.mutation.caughtBy.join('; '), 1000)}.</p>`}
${summary.beginning !== undefined && html`<p class="aside">${oneLine(renderBeginning(summary.beginning), 1000)}.</p>`}
${renderApart(story, page)}
${started !== undefined && !story.isOutline && html`<figure class="drawing"><div class="wide" tabindex="0" role="group" aria-label="topology">${page.draw(drawTopology(started.topology))}</div></figure>`}
<p class="aside">${ready.length > 0 && html`Up: ${ready.map(({ machine, durationMs }) => `${oneLine(machine)} after ${renderDuration(durationMs)}`).join(', ')}. `}${started !== undefined && html`Lab file: <span title="${started.file}">${shortPath(started.file)}</span>. `}${renderFiles(story, page)}</p>
<ol class="steps">
${steps.map((step) => (story.isOutline ? renderOutline(step) : renderStep(step, story, page)))}</ol>
<p class="up"><a href="#top">Back to the overview</a></p>`
}

/** What became of the claims of a step. */
const renderOutline = ({ step, cases }: StepStory) =>
  html`<li class="step passed" value="${step + 1}"><h3>${oneLine(cases[0]?.verdict?.stepName ?? '')}</h3>
<ul>${cases.map(({ outcome, name, verdict, durationMs }) => html`<li>${sign(outcome)} ${oneLine(verdict?.claim ?? name)} <span class="aside">${renderDuration(durationMs)}</span></li>`)}</ul></li>
`

/** What befell the lab as a whole, and the cases that belong to no step. Many with one reason are shown at once. */
function renderApart({ apart, died, summary }: ScopeStory, page: PageContext) {
  const reasons = Map.groupBy(apart, ({ outcome, message }) => `${outcome}\n${message}`)
  return html`${died.map(
    (death) => html`<div class="notice error"><p>${sign('error')} ${oneLine(renderDeath(death), 2000)}</p>
${renderPrinted(death.consoleTail, page.detail.output, 'console')}</div>
`,
  )}${[...reasons.values()].map((cases) => renderReason(cases, summary, page))}`
}

function renderReason(cases: readonly JudgedCase[], scope: ScopeSummary, page: PageContext) {
  const [first] = cases
  if (first === undefined) return undefined
  const list = cases.map(
    (one) =>
      html`<li id="${page.ids.ofCase(scope, one)}" tabindex="-1">${sign(one.outcome)} ${oneLine(one.name, 500)}</li>`,
  )
  const told = isTrouble(first.outcome) && cases.length > 1 ? `${plural(cases.length, 'case')}: ` : ''
  return html`<div class="notice ${first.outcome}"><ul>${list}</ul>${first.message !== '' && html`<p>${told}${oneLine(first.message, 4000)}</p>`}</div>
`
}

/** The logs of its machines. */
function renderFiles({ summary }: ScopeStory, { logsIn, fileLink }: PageContext) {
  const folder = summary.started?.folder
  const logs = folder === undefined ? [] : logsIn(folder).filter((path) => path.endsWith('.console.log'))
  if (folder === undefined || logs.length === 0) return undefined
  return html`Consoles: ${logs.map((path, index) => html`${index > 0 && ', '}<a href="${fileLink(path)}">${oneLine(path.slice(folder.length + 1))}</a>`)}.`
}
