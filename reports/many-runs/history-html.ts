import { renderDocument } from '../html/document.ts'
import { html } from '../html/markup.ts'
import { renderCaseHistories, renderNights } from '../html/repetitions.ts'
import { isUnsteady } from '../run/case-history.ts'
import { plural } from '../text/plain-text.ts'
import type { History } from './history.ts'

/** The history as one page that needs nothing else. */
export function renderHistoryHtml({ runs, nights, cases }: History): string {
  const unsteady = cases.filter(isUnsteady)
  const steady = cases.filter((one) => !isUnsteady(one))
  const [first, last] = [runs[0], runs.at(-1)]
  return renderDocument({
    title: plural(runs.length, 'run'),
    body: html`<main>
<header class="${unsteady.length === 0 ? 'passed' : 'error'}"><p class="kicker">wirelab · ${first?.startedAt.slice(0, 10)} to ${last?.startedAt.slice(0, 10)}</p>
<h1>${plural(runs.length, 'run')}, ${plural(cases.length, 'case')}</h1>
<p>${unsteady.length === 0 ? 'Every case passed each time.' : `${plural(unsteady.length, 'case')} did not always pass at once.`}</p></header>
${renderNights(nights)}
${renderCaseHistories('Not always passed at once', unsteady)}
${renderCaseHistories('Always passed', steady)}
</main>`,
  })
}
