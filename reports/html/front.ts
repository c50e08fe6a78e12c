import type { RunStarted } from '../../runner/events.ts'
import type { Outcome } from '../../runner/result.ts'
import {
  type CaseHistory,
  caseHistories,
  caseKey,
  isFlaky,
  isUnsteady,
  renderRates,
  troublesOf,
} from '../run/case-history.ts'
import { renderLost } from '../run/lost-files.ts'
import { scoreOf } from '../run/mutants.ts'
import { type Counts, countOutcomes, isTrouble, outcomesIn, renderCount, troublesIn } from '../run/outcomes.ts'
import type { JudgedCase, RunSummary, ScopeSummary } from '../run/summary.ts'
import { oneLine, plural, renderDuration } from '../text/plain-text.ts'
import { renderImageDifferences } from './image-differences.ts'
import { type Html, type HtmlValue, html } from './markup.ts'
import { type PageContext, sign } from './page.ts'
import { renderCaseHistories } from './repetitions.ts'

const maxListed = 500

/** What needs a look, apart by what it asks for: a mended network, a mended machine, another try. */
const troubleKinds: readonly {
  readonly outcome: Outcome
  readonly title: string
  readonly holds: (one: JudgedCase) => boolean
}[] = [
  { outcome: 'failed', title: 'Failed: the network said no', holds: (one) => one.outcome === 'failed' },
  {
    outcome: 'error',
    title: 'Errors: the machinery broke',
    holds: (one) => one.outcome === 'error' && one.verdict === undefined,
  },
  {
    outcome: 'error',
    title: 'Inconclusive: it could not be told',
    holds: (one) => one.outcome === 'error' && one.verdict !== undefined,
  },
]

/** What begins the report: what became of the run, what needs a look, and with `labs` what ran. */
export function renderFront(summary: RunSummary, page: PageContext, labs: HtmlValue): Html {
  const { started, scopes, outcome, counts, lost, durationMs, finished } = summary
  const begun = started === undefined ? '' : `${started.startedAt.slice(0, 16).replace('T', ' ')} UTC`
  const histories = caseHistories(scopes)
  const flaky = histories.filter(isFlaky)
  const flakyKeys = new Set(flaky.map((one) => caseKey(one, one)))
  const troubles = scopes.flatMap((scope) =>
    scope.cases
      .filter((one) => isTrouble(one.outcome) && !flakyKeys.has(caseKey(scope, one)))
      .map((one) => ({ scope, one })),
  )
  return html`<header id="top" class="${outcome}">
<p class="kicker">wirelab · ${plural(scopes.length, nounOf(summary))} · ${begun}</p>
<h1>${sign(outcome)} ${verdictOf(summary)}</h1>
<p>${renderCounts(counts)} in ${renderDuration(durationMs)}</p>
${started !== undefined && finished === undefined && html`<p class="notice error">The run did not end by itself: its last event is missing.</p>`}
${lost.length > 0 && html`<div class="notice error"><p>${sign('error')} This record is not whole.</p><ul>${renderLost(lost).map((line) => html`<li>${line}</li>`)}</ul></div>`}
</header>
${troubleKinds.map(({ outcome, title, holds }) =>
  renderTroubles(
    outcome,
    title,
    troubles.filter(({ one }) => holds(one)),
    page,
  ),
)}
${renderMutants(summary)}
${renderFlaky(flaky, page)}
${renderImageDifferences(scopes, page)}
${labs}
${renderRepetitions(histories)}
`
}

/** What a run is made of, in a word. */
export const nounOf = ({ started }: RunSummary): string =>
  started?.mutants ? 'mutant' : started?.kind === 'mutate' ? 'mutation' : 'lab variant'

function verdictOf({ outcome, counts, scopes, started }: RunSummary) {
  if (scopes.length === 0) return 'Nothing ran'
  if (outcome === 'skipped') return 'Nothing could be tried'
  const total = counts.passed + counts.failed + counts.error
  const noun = started?.kind === 'mutate' ? 'mistakes were noticed' : 'claims hold'
  if (counts.passed === total && outcome === 'passed') return `All ${total} ${noun}`
  return `${counts.passed} of ${total} ${noun}`
}

/** Each outcome that any had, with how many. */
export const renderCounts = (counts: Counts): HtmlValue =>
  outcomesIn(counts).map(
    (outcome) => html`<span class="count ${outcome}">${sign(outcome)} ${renderCount(counts, outcome)}</span> `,
  )

interface Trouble {
  readonly scope: ScopeSummary
  readonly one: JudgedCase
}

function renderTroubles(outcome: Outcome, title: string, cases: readonly Trouble[], page: PageContext) {
  if (cases.length === 0) return undefined
  return html`<section class="troubles ${outcome}"><h2>${title}</h2><ul>
${cases.slice(0, maxListed).map(
  ({
    scope,
    one,
  }) => html`<li>${sign(outcome)} <a href="${page.linkTo(scope, one)}">${oneLine(scope.scope)}: ${oneLine(one.name)}</a><br><span class="aside">${oneLine(one.message, 300)}</span></li>
`,
)}${cases.length > maxListed && html`<li>and ${cases.length - maxListed} more</li>`}</ul></section>
`
}

/** The score of mutants by kind, and the survivors that the labs explain. */
function renderMutants({ scopes, started }: RunSummary) {
  const scores = scoreOf(scopes)
  if (scores.length === 0) return undefined
  const explained = scopes.filter(({ mutant }) => mutant?.state === 'survived' && mutant.survives !== undefined)
  return html`<section><h2>Mutants</h2>
${started?.mutants !== undefined && html`<p>${scopes.length} of ${started.mutants.of}${started.mutants.seed !== undefined && html`, drawn by seed ${started.mutants.seed}`}</p>`}
<div class="wide" tabindex="0" role="group" aria-label="mutants"><table class="labs">
<thead><tr><th scope="col">What is changed</th><th scope="col" class="number">Caught</th><th scope="col" class="number">Of</th><th scope="col" class="number">Survived</th><th scope="col" class="number">Explained</th><th scope="col" class="number">Not known</th></tr></thead>
<tbody>${scores.map(
    ({ kind, all, caught, survived, explained: told, unknown }) =>
      html`<tr><th scope="row">${kind}</th>${[caught, all, survived, told, unknown].map((count) => html`<td class="number">${count}</td>`)}</tr>
`,
  )}</tbody></table></div>
${
  explained.length > 0 &&
  html`<ul>${explained.slice(0, maxListed).map(
    (
      scope,
    ) => html`<li>${oneLine(scope.scope)} <span class="aside">survives: ${oneLine(scope.mutant?.survives ?? '', 1000)}</span></li>
`,
  )}</ul>`
}</section>
`
}

const renderFlaky = (flaky: readonly CaseHistory[], page: PageContext) =>
  flaky.length > 0 &&
  html`<section class="troubles flaky"><h2>Flaky: repetitions differ</h2><ul>
${flaky.slice(0, maxListed).map(
  (
    one,
  ) => html`<li><span class="sign error" aria-hidden="true">≈</span> ${oneLine(one.lab)}/${oneLine(one.variant)}: ${oneLine(one.name)}<br><span class="aside">${renderRates(one)}; not passed in ${troublesOf(
    one,
  )
    .slice(0, 20)
    .map(
      ({ scope, judged }, index) =>
        html`${index > 0 && ', '}<a href="${page.linkTo(scope, judged)}">repetition ${scope.started?.repetition ?? 1}</a>`,
    )}</span></li>
`,
)}</ul></section>
`

const maxHistories = 100

/** How each case fared that was judged more than once; of very many those that did not always pass at once. */
function renderRepetitions(histories: readonly CaseHistory[]) {
  const repeated = histories.filter(({ judgings }) => judgings.length > 1)
  const shown = repeated.length > maxHistories ? repeated.filter(isUnsteady).slice(0, maxHistories) : repeated
  return renderCaseHistories('Repetitions', shown)
}

/** A table of scopes, lab by lab. */
export function renderLabs(scopes: readonly ScopeSummary[], page: PageContext): Html {
  const labs = [...Map.groupBy(scopes, ({ lab }) => lab)]
  return html`<section><h2>What ran</h2><div class="wide" tabindex="0" role="group" aria-label="labs"><table class="labs">
<thead><tr><th scope="col">Lab and variant</th><th scope="col">Verdicts</th><th scope="col" class="number">Time</th></tr></thead>
${labs.map(
  ([
    lab,
    own,
  ]) => html`<tbody><tr class="lab"><th scope="rowgroup" colspan="3">${oneLine(lab)}${own[0]?.started !== undefined && html` <span class="aside">${oneLine(own[0].started.title)}</span>`}</th></tr>
${own.map((scope) => renderRow(scope, page))}</tbody>
`,
)}</table></div></section>
`
}

function renderRow(scope: ScopeSummary, page: PageContext) {
  const [trouble] = troublesIn(scope.cases)
  return html`<tr><th scope="row">${sign(scope.outcome)} <a href="${page.linkTo(scope)}">${oneLine(nameInLab(scope))}</a></th><td>${renderCounts(countOutcomes(scope.cases))}${trouble !== undefined && html` <a href="${page.linkTo(scope, trouble)}">evidence</a>`}</td><td class="number">${renderDuration(scope.durationMs)}</td></tr>
`
}

/** What tells a scope from others of its lab. */
function nameInLab({ scope, variant, started }: ScopeSummary) {
  // Of one that never began nothing is known but the variant, and that it may share with repetitions.
  if (started === undefined) return scope
  const { repetition, mutation } = started
  return `${variant}${repetition > 1 ? ` #${repetition}` : ''}${mutation === undefined ? '' : ` (${mutation.name})`}`
}

/** What the run was made with; for the end of the page. */
export const renderMadeWith = ({ started }: RunSummary, page: PageContext): Html | undefined =>
  started && renderVersions(started, page)

function renderVersions({ run, surroundings }: RunStarted, { facts }: PageContext) {
  const { accelerator, provider, wirelab, qemu, image, kernel, host, node } = surroundings
  const rows = {
    run,
    wirelab,
    image,
    "machines' kernel": kernel,
    QEMU: qemu,
    accelerator: accelerator === 'tcg' ? 'tcg (emulated: times are longer than on hardware)' : accelerator,
    provider,
    host,
    'Node.js': node,
  }
  const packages = Object.entries(facts.packages ?? {})
  return html`<section><h2>Made with</h2><dl class="versions">
${Object.entries(rows).map(([name, value]) => html`<div><dt>${name}</dt><dd>${oneLine(value)}</dd></div>`)}</dl>
${packages.length > 0 && html`<details><summary>${plural(packages.length, 'package')} in the machines</summary><ul class="packages">${packages.map(([name, version]) => html`<li>${oneLine(name)} <span class="aside">${oneLine(String(version))}</span></li>`)}</ul></details>`}</section>
`
}
