import type { RunEvent } from '../../runner/events.ts'
import type { Reporter, ResultsFacts } from '../reporter.ts'
import { manyScopes } from '../run/many-scopes.ts'
import { isTrouble, renderCount } from '../run/outcomes.ts'
import { buildStory, type RunStory } from '../run/story.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { oneLine } from '../text/plain-text.ts'
import { loadDrawSvg } from '../topology/svg.ts'
import { type Drawing, describeDrawing } from '../topology/topology.ts'
import { namePageIds } from './case-ids.ts'
import { renderDocument } from './document.ts'
import { renderFront, renderMadeWith } from './front.ts'
import { type Html, html, trusted } from './markup.ts'
import { type Detail, fileLink, type PageContext } from './page.ts'
import { renderScope } from './scope.ts'
import { script } from './script.ts'

/** The page that people read. */
export const page: Reporter = { file: 'report.html', readers: 'people', render: renderHtml }

/**
 * A run as one page of HTML that needs nothing else: no request, no other file but those that it links to. It stands in
 * the results folder. It stays below 10 MB, whatever the machines printed: the more there is, the less of each is
 * shown.
 */
export async function renderHtml(events: readonly RunEvent[], facts: ResultsFacts = {}): Promise<string> {
  const story = inOrder(buildStory(events))
  const told = chooseTold(story.summary.scopes)
  const ids = namePageIds([...story.summary.scopes, ...story.summary.retries])
  const draw = await createDraw()
  const lost = new Set(story.summary.lost.map(({ path }) => path))
  let text = ''
  for (const detail of story.scopes.length > manyScopes ? details.slice(2) : details) {
    text = renderPage(story, { ids, facts, detail, draw, lost, told })
    if (Buffer.byteLength(text) <= maxBytes) break
  }
  return text
}

const maxBytes = 9_500_000

const details: readonly Detail[] = [
  { passed: 1 << 14, trouble: 1 << 16, output: 1 << 16 },
  { passed: 4000, trouble: 1 << 14, output: 1 << 13 },
  { passed: 0, trouble: 4000, output: 2000 },
  { passed: 0, trouble: 500, output: 200 },
]

function renderPage({ summary, scopes }: RunStory, context: PageContext) {
  const { counts } = summary
  return renderDocument({
    title: `${oneLine(summary.started?.run ?? 'wirelab')}: ${(['passed', 'failed', 'error'] as const).map((outcome) => renderCount(counts, outcome)).join(', ')}`,
    script,
    body: html`<main>
${renderFront(summary, context)}
<section class="scopes" aria-label="All labs, step by step">
${scopes.length > 0 && tools}
${scopes.filter(({ summary: { scope } }) => context.told.has(scope)).map((scope) => renderScope(scope, context, scopes.length === 1 || isTrouble(scope.summary.outcome)))}</section>
${renderMadeWith(summary, context)}
</main>
${renderFooter(context.facts)}`,
  })
}

/** What finds and folds steps; the script shows it. */
const tools = html`<form class="tools" role="search" aria-label="steps" hidden><label>Search steps <input class="search" type="search"></label> <label><input class="troubled" type="checkbox"> only what did not pass</label> <button class="expand" type="button" aria-pressed="false">Expand all</button> <output class="told"></output></form>`

/** From what the page was drawn, and what lies beside it. */
function renderFooter({ resultsFiles = ['events.jsonl'] }: ResultsFacts) {
  const [source, ...others] = resultsFiles
    .filter((name) => name !== page.file)
    .map((name) => html`<a href="${fileLink(name)}">${name}</a>`)
  return html`<footer><p>wirelab drew this from ${source}.${others.length > 0 && html` Also here: ${others.map((link, at) => html`${at > 0 && ', '}${link}`)}.`}</p></footer>`
}

const mostTold = 300

/** The scopes that the page tells of: all, or of very many those that did not pass before others. */
function chooseTold(scopes: readonly ScopeSummary[]): ReadonlySet<string> {
  const [troubled, others] = [true, false].map((is) => scopes.filter(({ outcome }) => isTrouble(outcome) === is))
  return new Set([...(troubled ?? []), ...(others ?? [])].slice(0, mostTold).map(({ scope }) => scope))
}

/** Lab by lab, as one looks for them; within a lab as the run was planned. */
function inOrder({ summary, scopes }: RunStory): RunStory {
  const compare = (left: ScopeSummary, right: ScopeSummary) =>
    left.lab === right.lab ? 0 : left.lab < right.lab ? -1 : 1
  return {
    summary: { ...summary, scopes: summary.scopes.toSorted(compare) },
    scopes: scopes.toSorted((left, right) => compare(left.summary, right.summary)),
  }
}

/** Draws each drawing once, and in words what can't be drawn. */
async function createDraw() {
  const drawSvg = await loadDrawSvg()
  const drawn = new Map<string, Html>()
  return (drawing: Drawing): Html => {
    const key = JSON.stringify(drawing)
    const known = drawn.get(key)
    if (known !== undefined) return known
    const svg = tryDraw(drawSvg, drawing)
    drawn.set(key, svg)
    return svg
  }
}

function tryDraw(drawSvg: (drawing: Drawing) => string, drawing: Drawing) {
  try {
    return trusted(drawSvg(drawing))
  } catch {
    return html`<p>${describeDrawing(drawing)}</p>`
  }
}
