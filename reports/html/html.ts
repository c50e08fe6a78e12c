import type { DrawnFile, Reporter, ResultsFacts } from '../reporter.ts'
import { findLogs } from '../run/logs.ts'
import type { RunStory } from '../run/story.ts'
import type { JudgedCase, ScopeSummary } from '../run/summary.ts'
import { loadDrawSvg } from '../topology/svg.ts'
import { type Drawing, describeDrawing } from '../topology/topology.ts'
import { namePageIds } from './case-ids.ts'
import { type Html, html, trusted } from './markup.ts'
import { type Detail, linkFrom } from './page.ts'
import { type PagePlace, renderOverview, renderPart, renderWhole, reportFile } from './pages.ts'

/** The page that people read. */
export const page: Reporter = { file: reportFile, readers: 'people', render: renderHtml }

/** Beside report.html: the pages of a run of more scopes than one holds. */
export const pagesFolder = 'report-pages'

const maxOnPage = 300
const onEachPage = 100

/**
 * A run as one page of HTML that needs nothing else: no request, no other file but those that it links to. It stands in
 * the results folder. It stays below 10 MB, whatever the machines printed: the more there is, the less of each is
 * shown. Of a run of more than 300 scopes it is an overview, and each hundred of them have such a page of their own.
 */
export async function* renderHtml({ summary, tell }: RunStory, facts: ResultsFacts): AsyncGenerator<DrawnFile> {
  const scopes = inOrder([...summary.scopes, ...summary.retries])
  const ids = namePageIds(scopes)
  const common = {
    ...{ ids, facts, draw: await createDraw(), logsIn: findLogs(facts.files) },
    lost: new Set(summary.lost.map(({ path }) => path)),
  }
  const told: RunStory = { summary: { ...summary, scopes: inOrder(summary.scopes) }, tell }
  const idOf = (scope: ScopeSummary, one?: JudgedCase) =>
    one === undefined ? ids.ofScope(scope) : ids.ofCase(scope, one)
  const whole = { ...common, fileLink: linkFrom('./'), linkTo: (...goal: Goal) => `#${idOf(...goal)}` }
  if (scopes.length <= maxOnPage) {
    yield { name: reportFile, text: [fitDetail((detail) => renderWhole(told, scopes, { ...whole, detail }))] }
    return
  }
  const pages = Array.from({ length: Math.ceil(scopes.length / onEachPage) }, (_, at) => ({
    name: `${pagesFolder}/${String(at + 1).padStart(3, '0')}.html`,
    from: at * onEachPage,
    scopes: scopes.slice(at * onEachPage, (at + 1) * onEachPage),
  }))
  const pageOf = new Map(pages.flatMap((one) => one.scopes.map(({ scope }) => [scope, one.name])))
  for (const [at, one] of pages.entries()) {
    const place: PagePlace = { ...one, before: pages[at - 1]?.name, after: pages[at + 1]?.name, of: scopes.length }
    const inner = { ...whole, fileLink: linkFrom('../') }
    yield { name: one.name, text: [fitDetail((detail) => renderPart(told, place, { ...inner, detail }))] }
  }
  const linkTo = (...goal: Goal) => `${whole.fileLink(pageOf.get(goal[0].scope) ?? '')}#${idOf(...goal)}`
  yield { name: reportFile, text: [renderOverview(told, pages, { ...whole, linkTo, detail: details[0] })] }
}

type Goal = [scope: ScopeSummary, one?: JudgedCase]

const maxBytes = 9_500_000

const details = [
  { passed: 1 << 14, trouble: 1 << 16, output: 1 << 16 },
  { passed: 4000, trouble: 1 << 14, output: 1 << 13 },
  { passed: 0, trouble: 4000, output: 2000 },
  { passed: 0, trouble: 500, output: 200 },
] as const satisfies readonly Detail[]

/** The page with as much detail as it has room for. */
function fitDetail(render: (detail: Detail) => string): string {
  let text = ''
  for (const detail of details) {
    text = render(detail)
    if (Buffer.byteLength(text) <= maxBytes) break
  }
  return text
}

/** Lab by lab, as one looks for them; within a lab as the run was planned. */
const inOrder = (scopes: readonly ScopeSummary[]) =>
  scopes.toSorted((left, right) => (left.lab === right.lab ? 0 : left.lab < right.lab ? -1 : 1))

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
