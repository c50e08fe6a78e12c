import type {
  CaptureSaved,
  CommandFinished,
  CopiedFile,
  FileFetched,
  ProcessEnded,
  ProcessStarted,
} from '../../runner/events.ts'
import { hasToFail } from '../run/judged-cases.ts'
import { isTrouble } from '../run/outcomes.ts'
import type { ScopeStory, StepStory } from '../run/story.ts'
import { oneLine, outputName, plural, renderDuration } from '../text/plain-text.ts'
import { drawNetwork } from '../topology/network.ts'
import { drawTopology } from '../topology/topology.ts'
import { renderCase } from './case.ts'
import { type Html, html } from './markup.ts'
import { renderOutage } from './outage.ts'
import { type PageContext, renderBox, renderPrinted, shortPath, sign } from './page.ts'

const maxScriptChars = 1 << 14

/**
 * A step: why, what was typed, what came of it, and the verdicts on its claims. One that passed in a lab that didn't is
 * folded.
 */
export function renderStep(step: StepStory, scope: ScopeStory, page: PageContext): Html {
  const { started, finished, cases } = step
  const isFine = finished?.outcome === 'passed' && !cases.some(({ outcome }) => isTrouble(outcome))
  const heading = html`<h3>${oneLine(started?.name ?? `Step ${step.step + 1}`)}${finished !== undefined && html` <span class="aside">${renderDuration(finished.durationMs)}</span>`}</h3>`
  const content = renderContent(step, scope, page)
  return html`<li class="step${isFine && ' passed'}" value="${step.step + 1}">
${isFine && isTrouble(scope.summary.outcome) ? html`<details><summary>${heading}</summary>${content}</details>` : html`${heading}${content}`}
</li>
`
}

function renderContent(step: StepStory, scope: ScopeStory, page: PageContext): Html {
  const { started, finished, cases } = step
  const script = started?.script
  const isTold = script === undefined || step.commands.some(({ command }) => command === script)
  return html`
${started?.why !== undefined && html`<p class="why">${started.why}</p>`}
${(started?.copies ?? []).map((copy) => renderCopy(copy, started?.node ?? ''))}
${!isTold && renderScript(started?.node ?? '', script)}
${step.commands.map((command) => renderCommand(command, page))}
${step.processes.map((process) => renderProcess(process, page))}
${renderHappened(step)}
${step.happened.length > 0 && renderStateAfter(step, scope, page)}
${renderNetwork(step, scope, page)}
${step.outages.map(renderOutage)}
${step.captures.map((capture) => renderCapture(capture, page))}
${step.fetched.map((fetched) => renderFetched(fetched, page))}
${finished !== undefined && finished.outcome !== 'passed' && finished.message !== undefined && html`<p class="notice ${finished.outcome}">${sign(finished.outcome)} ${oneLine(finished.message, 4000)}${finished.line !== undefined && html` (<span title="${finished.file}">${shortPath(finished.file ?? '')}</span>:${finished.line})`}</p>`}
${cases.map((one, at) => renderCase(one, page, { scope: scope.summary, hasToFail: hasToFail(scope.summary.started, one.name), before: cases[at - 1] }))}`
}

const renderCopy = ({ to, from, text }: CopiedFile, node: string) =>
  text === undefined
    ? html`<p class="aside">${oneLine(from)} copied to ${oneLine(node)}:${oneLine(to)}</p>`
    : renderBox(
        `${oneLine(node)}: ${oneLine(from)} copied to ${oneLine(to)}`,
        renderPrinted(text, maxScriptChars, oneLine(to)),
      )

const renderScript = (node: string, script: string) =>
  renderBox(oneLine(node), renderPrinted(script, maxScriptChars, `commands on ${oneLine(node)}`, 'typed'))

const renderCommand = (
  { node, command, exitCode, stdout, stderr, cut, log, lostBytes }: CommandFinished,
  page: PageContext,
) =>
  renderBox(
    oneLine(node),
    html`${renderPrinted(command, maxScriptChars, `commands on ${oneLine(node)}`, 'typed')}${renderOutputs({ stdout, stderr }, page)}
${exitCode !== 0 && html`<p class="exit">exit code ${exitCode}</p>`}
${cut && log !== undefined && html`<p class="exit">there was more: <a href="${page.fileLink(log)}">${outputName(lostBytes, page.lost.has(log))}</a></p>`}`,
  )

const renderOutputs = ({ stdout, stderr }: { stdout: string; stderr: string }, { detail }: PageContext) =>
  html`${renderPrinted(stdout, detail.output, 'output')}${renderPrinted(stderr, detail.output, 'error output', 'output errors')}`

const renderProcess = (process: ProcessStarted | ProcessEnded, page: PageContext) =>
  process.type === 'process-started'
    ? renderBox(
        `${oneLine(process.node)}, in the background: ${oneLine(process.process)}`,
        html`${renderPrinted(process.command, maxScriptChars, 'command', 'typed')}
<p class="exit">ready after ${renderDuration(process.durationMs)}</p>`,
      )
    : renderBox(
        `${oneLine(process.node)}: ${oneLine(process.process)} ended`,
        html`${renderOutputs(process, page)}
<p class="exit">exit code ${process.exitCode}; <a href="${page.fileLink(process.log)}">its log</a>${process.lostBytes !== undefined && `, which lacks the last ${plural(process.lostBytes, 'byte')}`}${page.lost.has(process.log) && ', which could not be written to its end'}</p>`,
      )

function renderHappened({ happened, started }: StepStory) {
  // What was planned is shown only when it did not come to it.
  const planned = happened.length === 0 ? (started?.events ?? []) : []
  if (happened.length + planned.length === 0) return undefined
  return html`<ul class="events">${happened.map(
    ({ words, endedMs }) =>
      html`<li><span aria-hidden="true">⚡</span> ${oneLine(words)} <span class="aside">at ${new Date(endedMs).toISOString().slice(11, 23)}</span></li>`,
  )}${planned.map(({ words }) => html`<li>not done: ${oneLine(words)}</li>`)}</ul>`
}

/** The topology as the step left it, where that differs from how the lab began. */
function renderStateAfter({ happenedSoFar }: StepStory, { summary }: ScopeStory, page: PageContext) {
  const topology = summary.started?.topology
  if (topology === undefined) return undefined
  const drawing = drawTopology(topology, happenedSoFar)
  const differs =
    drawing.cables.some(({ state }) => state !== undefined) ||
    drawing.machines.some(({ state, nics }) => state !== undefined || nics.some(({ unplugged }) => unplugged))
  if (!differs) return undefined
  return html`<figure class="drawing"><div class="wide" tabindex="0" role="group" aria-label="topology after this step">${page.draw(drawing)}</div><figcaption>After this step</figcaption></figure>`
}

/** The network as the kernels say, where the run looked and it is not as it was. */
function renderNetwork({ network, happenedSoFar }: StepStory, { summary }: ScopeStory, page: PageContext) {
  if (network === undefined || summary.started === undefined) return undefined
  const drawing = page.draw(drawNetwork(summary.started.topology, network, happenedSoFar))
  return html`<details class="network"><summary>The network after this step, as its kernels say</summary><figure class="drawing"><div class="wide" tabindex="0" role="group" aria-label="network after this step">${drawing}</div></figure></details>`
}

function renderCapture({ path, endpoint, where, frames, dropped, cut }: CaptureSaved, page: PageContext) {
  const decoded = page.facts.decoded?.get(path)
  const source = where === 'cable' ? 'on the cable at' : 'in the machine at'
  return html`<div class="capture"><p>${plural(frames, 'frame')} captured${dropped ? `, ${dropped} lost,` : ''}${cut ? ', and then no more, for want of room,' : ''} ${source} <b>${oneLine(endpoint)}</b>: <a href="${page.fileLink(path)}" download>${oneLine(path.split('/').at(-1) ?? path)}</a></p>
${decoded !== undefined && decoded.trim() !== '' && html`<details><summary>The first frames</summary>${renderPrinted(decoded, page.detail.output, 'frames')}</details>`}</div>`
}

const renderFetched = ({ path, node, from, bytes, cut }: FileFetched, page: PageContext) =>
  html`<p class="aside">${oneLine(node)}:${oneLine(from)} kept, ${plural(bytes, 'byte')}${cut && ', and no more, for want of room'}: <a href="${page.fileLink(path)}" download>${oneLine(path.split('/').at(-1) ?? path)}</a></p>`
