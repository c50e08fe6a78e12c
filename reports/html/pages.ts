import { worstOutcome } from '../../runner/result.ts'
import { countOutcomes, isTrouble, renderCount } from '../run/outcomes.ts'
import type { RunStory } from '../run/story.ts'
import type { RunSummary, ScopeSummary } from '../run/summary.ts'
import { oneLine, plural } from '../text/plain-text.ts'
import { renderDocument } from './document.ts'
import { nounOf, renderCounts, renderFront, renderLabs, renderMadeWith } from './front.ts'
import { type Html, html } from './markup.ts'
import { type PageContext, sign } from './page.ts'
import { renderScope } from './scope.ts'
import { script } from './script.ts'

/** The page that people open first. */
export const reportFile = 'report.html'

/** Scopes that have a page of their own. */
export interface PartOfRun {
  readonly name: string
  /** How many come before them. */
  readonly from: number
  readonly scopes: readonly ScopeSummary[]
}

/** A page among others, of all the scopes of a run. */
export interface PagePlace extends PartOfRun {
  readonly before: string | undefined
  readonly after: string | undefined
  readonly of: number
}

/** A run on one page. */
export const renderWhole = (run: RunStory, scopes: readonly ScopeSummary[], context: PageContext) =>
  renderPage(run, context, {
    title: countsIn(run.summary),
    body: html`${renderFront(run.summary, context, renderLabs(run.summary.scopes, context))}
${renderScopes(run, scopes, context)}
${renderMadeWith(run.summary, context)}`,
  })

/** A page of some scopes of a run. */
export function renderPart(run: RunStory, { from, scopes, of, before, after }: PagePlace, context: PageContext) {
  const which = `${from + 1} to ${from + scopes.length} of ${plural(of, nounOf(run.summary))}`
  const outcome = worstOutcome(scopes.map((scope) => scope.outcome))
  const links = { Overview: reportFile, Before: before, Next: after }
  return renderPage(run, context, {
    title: which,
    body: html`<header id="top" class="${outcome}"><nav class="kicker" aria-label="pages">${Object.entries(links).map(([name, path]) => path !== undefined && html`<a href="${context.fileLink(path)}">${name}</a> `)}</nav>
<h1>${sign(outcome)} ${which}</h1>
<p>${renderCounts(countOutcomes(scopes.flatMap(({ cases }) => cases)))}</p></header>
${renderLabs(scopes, context)}
${renderScopes(run, scopes, context)}`,
  })
}

/** What stands before the pages of a run, and leads to each scope in them. */
export const renderOverview = (run: RunStory, pages: readonly PartOfRun[], context: PageContext) =>
  renderPage(run, context, {
    title: countsIn(run.summary),
    body: html`${renderFront(run.summary, context, undefined)}
<section class="scopes" aria-label="What ran"><h2>What ran</h2>
${renderTools(nounOf(run.summary))}
${pages.map((part) => renderEntries(part, context))}</section>
${renderMadeWith(run.summary, context)}`,
  })

/** Of more scopes than this the overview names pages alone: it is to open at once. */
const maxEntries = 20_000

/** The scopes of a page, each a link; folded they are text alone, as what a scope has is on its page. */
function renderEntries({ name, from, scopes }: PartOfRun, context: PageContext): Html {
  const outcome = worstOutcome(scopes.map((scope) => scope.outcome))
  const [first, last] = [scopes[0], scopes.at(-1)].map((scope) => oneLine(scope?.scope ?? '', 100))
  const entries = (from < maxEntries ? scopes : []).map(
    (scope) =>
      html`<li class="step entry${scope.outcome === 'passed' && ' passed'}">${sign(scope.outcome)} <a href="${context.linkTo(scope)}">${oneLine(scope.scope, 200)}</a></li>
`,
  )
  return html`<details class="scope ${outcome}"><summary><h2>${sign(outcome)} ${first} to ${last}</h2> <span class="aside">${renderCounts(countOutcomes(scopes))}</span></summary>
<noscript><p><a href="${context.fileLink(name)}">All of these on one page</a></p>
${
  entries.length > 0 &&
  html`<ol class="steps" start="${from + 1}">
${entries}</ol>`
}</noscript></details>
`
}

function renderScopes({ tell }: RunStory, scopes: readonly ScopeSummary[], context: PageContext): Html {
  const isOpen = ({ outcome }: ScopeSummary) => scopes.length === 1 || isTrouble(outcome)
  return html`<section class="scopes" aria-label="All labs, step by step">
${scopes.length > 0 && renderTools('step')}
${scopes.map((scope) => renderScope(tell(scope), context, isOpen(scope)))}</section>`
}

const countsIn = ({ counts }: RunSummary) =>
  (['passed', 'failed', 'error'] as const).map((outcome) => renderCount(counts, outcome)).join(', ')

const renderPage = (
  { summary }: RunStory,
  context: PageContext,
  { title, body }: { readonly title: string; readonly body: Html },
) =>
  renderDocument({
    title: `${oneLine(summary.started?.run ?? 'wirelab')}: ${title}`,
    script,
    body: html`<main>
${body}
</main>
${renderFooter(context)}`,
  })

/** What finds and folds steps, or scopes; the script shows it. */
const renderTools = (noun: string) =>
  html`<form class="tools" role="search" aria-label="${noun}s" data-noun="${noun}" hidden><label>Search ${noun}s <input class="search" type="search"></label> <label><input class="troubled" type="checkbox"> only what did not pass</label> <button class="expand" type="button" aria-pressed="false">Expand all</button> <output class="told"></output></form>`

/** From what the page was drawn, and what lies beside it. */
function renderFooter({ facts: { resultsFiles = ['events.jsonl'] }, fileLink }: PageContext) {
  const [source, ...others] = resultsFiles
    .filter((name) => name !== reportFile)
    .map((name) => html`<a href="${fileLink(name)}">${name}</a>`)
  return html`<footer><p>wirelab drew this from ${source}.${others.length > 0 && html` Also here: ${others.map((link, at) => html`${at > 0 && ', '}${link}`)}.`}</p></footer>`
}
