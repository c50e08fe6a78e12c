import type { Night } from '../many-runs/history.ts'
import { type CaseHistory, type Rates, renderShare } from '../run/case-history.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import { html } from './markup.ts'
import { sign } from './page.ts'

const maxOutcomes = 60
const maxCases = 5000

/**
 * A table of cases with what became of each over time: how often it could not be told, and how often another try
 * settled
 * that. Undefined for none.
 */
export const renderCaseHistories = (title: string, cases: readonly CaseHistory[]) =>
  cases.length > 0 &&
  html`<section><h2>${title}</h2><div class="wide" tabindex="0" role="group" aria-label="${title}"><table class="labs history">
<thead><tr><th scope="col">Case</th><th scope="col">Oldest to newest</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Not told</th><th scope="col" class="number">Settled</th><th scope="col" class="number">Median, slowest</th><th scope="col" class="number">Trend</th></tr></thead>
<tbody>${cases.slice(0, maxCases).map(renderRow)}</tbody></table></div>
${cases.length > maxCases && html`<p>and ${plural(cases.length - maxCases, 'case')} more</p>`}</section>
`

/** A table of nights: how all their cases fared, and how long these took to become true. Undefined for a single one. */
export const renderNights = (nights: readonly Night[]) =>
  nights.length > 1 &&
  html`<section><h2>Night by night</h2><div class="wide" tabindex="0" role="group" aria-label="nights"><table class="labs history">
<thead><tr><th scope="col">Night</th><th scope="col" class="number">Runs</th><th scope="col" class="number">Judged</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Not told</th><th scope="col" class="number">Settled</th><th scope="col" class="number">Median, slowest</th></tr></thead>
<tbody>${nights.slice(0, maxCases).map(
    (one) =>
      html`<tr><th scope="row">${sign(one.outcome)} ${one.day}</th><td class="number">${one.runs}</td><td class="number">${one.judgings.length}</td><td class="number">${renderRate(one, 'failed')}</td><td class="number">${renderUntold(one)}</td><td class="number">${one.settled}</td>${renderTimes(one)}</tr>
`,
  )}</tbody></table></div></section>
`

const renderRow = (one: CaseHistory) =>
  html`<tr><th scope="row"><span class="aside">${oneLine(one.lab)}/${oneLine(one.variant)}</span><br>${oneLine(one.name)}</th><td>${one.judgings.slice(-maxOutcomes).map(({ judged: { outcome } }) => sign(outcome))}</td><td class="number">${one.passed}</td><td class="number">${renderRate(one, 'failed')}</td><td class="number">${renderUntold(one)}</td><td class="number">${one.settled}</td>${renderTimes(one)}<td class="number">${renderTrend(one.trend)}</td></tr>
`

const renderRate = (one: Rates, kind: 'failed' | 'inconclusive' | 'broken') =>
  one[kind] === 0 ? '0' : `${one[kind]} (${renderShare(one, kind)})`

/** What was inconclusive, and under it what broke before it could be judged. */
const renderUntold = (one: Rates) =>
  html`${renderRate(one, 'inconclusive')}${one.broken > 0 && html`<br>${renderRate(one, 'broken')} broken`}`

const renderTimes = ({ medianMs, slowestMs }: Rates) =>
  html`<td class="number">${renderTime(medianMs)}<br>${renderTime(slowestMs)}</td>`

const renderTime = (timeMs: number | undefined) => (timeMs === undefined ? '–' : renderDuration(timeMs))

/** How much longer the newer half takes than the older. */
export function renderTrend(trend: number | undefined): string {
  if (trend === undefined) return '–'
  const percent = Math.round((trend - 1) * 100)
  if (Math.abs(percent) < 10) return 'steady'
  return percent > 0 ? `${percent} % slower` : `${-percent} % faster`
}
