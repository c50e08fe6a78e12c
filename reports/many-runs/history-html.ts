import { renderDocument } from '../html/document.ts'
import { html } from '../html/markup.ts'
import { sign } from '../html/page.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import type { CaseHistory, History } from './history.ts'

const maxOutcomes = 60
const maxCases = 5000

/** The history as one page that needs nothing else. */
export function renderHistoryHtml({ runs, cases }: History): string {
  const unsteady = cases.filter(({ failed, errors }) => failed + errors > 0)
  const steady = cases.filter(({ failed, errors }) => failed + errors === 0)
  const [first, last] = [runs[0], runs.at(-1)]
  return renderDocument({
    title: plural(runs.length, 'run'),
    body: html`<main>
<header class="${unsteady.length === 0 ? 'passed' : 'error'}"><p class="kicker">wirelab · ${first?.startedAt.slice(0, 10)} to ${last?.startedAt.slice(0, 10)}</p>
<h1>${plural(runs.length, 'run')}, ${plural(cases.length, 'case')}</h1>
<p>${unsteady.length === 0 ? 'Every case passed in every run.' : `${plural(unsteady.length, 'case')} did not always pass.`}</p></header>
${renderTable('Not always passed', unsteady)}
${renderTable('Always passed', steady)}
</main>`,
  })
}

const renderTable = (title: string, cases: readonly CaseHistory[]) =>
  cases.length > 0 &&
  html`<section><h2>${title}</h2><div class="wide" tabindex="0" role="group" aria-label="${title}"><table class="labs history">
<thead><tr><th scope="col">Case</th><th scope="col">Oldest to newest</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Errors</th><th scope="col" class="number">Median</th><th scope="col" class="number">Trend</th></tr></thead>
<tbody>${cases.slice(0, maxCases).map(renderRow)}</tbody></table></div>
${cases.length > maxCases && html`<p>and ${plural(cases.length - maxCases, 'case')} more</p>`}</section>
`

const renderRow = ({ lab, variant, name, outcomes, passed, failed, errors, medianMs, trend }: CaseHistory) =>
  html`<tr><th scope="row"><span class="aside">${oneLine(lab)}/${oneLine(variant)}</span><br>${oneLine(name)}</th><td>${outcomes.slice(-maxOutcomes).map(sign)}</td><td class="number">${passed}</td><td class="number">${failed}</td><td class="number">${errors}</td><td class="number">${medianMs === undefined ? '–' : renderDuration(medianMs)}</td><td class="number">${renderTrend(trend)}</td></tr>
`

/** How much longer the newer half takes than the older. */
export function renderTrend(trend: number | undefined): string {
  if (trend === undefined) return '–'
  const percent = Math.round((trend - 1) * 100)
  if (Math.abs(percent) < 10) return 'steady'
  return percent > 0 ? `${percent} % slower` : `${-percent} % faster`
}
