import type { OutageMeasured } from '../../runner/events.ts'
import { oneLine, plural } from '../text/plain-text.ts'
import { type Html, html } from './markup.ts'

const maxGaps = 200

/**
 * A stream, or requests, over time: where datagrams or answers arrived, where none did, when events happened and when
 * it recovered. The numbers
 * in the drawing stand in the list below it.
 */
export function renderOutage({ from, to, receivers, measured }: OutageMeasured): Html {
  const { fromMs, untilMs, gaps, events, recovered, everyMs, sent, lost, duplicated, reordered } = measured
  const spanMs = Math.max(1, untilMs - fromMs)
  const percent = (ms: number) => Math.min(100, Math.max(0, ((ms - fromMs) / spanMs) * 100)).toFixed(2)
  const width = (ms: number) => Math.max(0.3, (ms / spanMs) * 100).toFixed(2)
  const shown = gaps.slice(0, maxGaps)
  const endOf = ({ fromMs: start, lengthMs }: { fromMs: number; lengthMs: number }) => start + lengthMs
  const last = gaps.at(-1)
  const backMs = recovered && last !== undefined && !last.open ? endOf(last) : undefined
  return html`<figure class="outage">
<figcaption>${
    measured.request === undefined
      ? html`A datagram every ${everyMs} ms from ${oneLine(from)} to ${oneLine(to)} (${receivers.map((one) => oneLine(one)).join(', ')}): ${plural(lost, 'datagram')} of ${sent} lost`
      : html`A request (${oneLine(measured.request)}) every ${everyMs} ms from ${oneLine(from)} to ${oneLine(to)}: ${plural(lost, 'request')} of ${sent} unanswered`
  }${duplicated > 0 && html`, ${duplicated} doubled`}${reordered > 0 && html`, ${reordered} out of order`}</figcaption>
<svg class="timeline" width="100%" height="72" role="img" aria-label="${words(measured)}">
<rect class="flows" x="0" y="26" width="100%" height="20"/>
${shown.map((gap) => html`<rect class="gap" x="${percent(gap.fromMs)}%" y="26" width="${width(gap.lengthMs)}%" height="20"/>${gap.lengthMs / spanMs > 0.15 && html`<text class="length" x="${percent(gap.fromMs + gap.lengthMs / 2)}%" y="41" text-anchor="middle">${length(gap.lengthMs)}</text>`}`)}
${events.map(
  (
    { atMs },
    index,
  ) => html`<line class="event" x1="${percent(atMs)}%" x2="${percent(atMs)}%" y1="18" y2="52"/><text x="${percent(atMs)}%" y="13" text-anchor="middle">${index + 1}</text>
`,
)}${backMs !== undefined && html`<line class="back" x1="${percent(backMs)}%" x2="${percent(backMs)}%" y1="22" y2="54"/><text class="back" x="${percent(backMs)}%" y="68" text-anchor="middle">✓</text>`}
</svg>
<p class="scale" aria-hidden="true"><span>${time(fromMs)}</span><span>${time(untilMs)}</span></p>
<ul class="moments">
${events.map(({ event, atMs }, index) => html`<li><b>${index + 1}</b> ${time(atMs)}: ${oneLine(event)}</li>`)}
${shown.slice(0, 12).map((gap) => html`<li><span class="key gap"></span> ${renderGap(gap)}</li>`)}
${gaps.length > 12 && html`<li>and ${plural(gaps.length - 12, 'gap')} more</li>`}
${backMs !== undefined && html`<li><span class="key back">✓</span> ${time(backMs)}: the ${subject(measured)} is back</li>`}
${!recovered && html`<li><span class="key gap"></span> the ${subject(measured)} did not recover</li>`}
</ul>
${gaps.some(({ stalledMs }) => stalledMs >= 1) && html`<p class="aside">${machinesRule}</p>`}
</figure>
`
}

/** Said where machines waited, so that a reader knows what became of the claims and what to do. */
const machinesRule =
  "Whether the machines' own time in a gap was also the network's, nobody knows. A claim that holds both with that time " +
  'and without it has passed, one that holds in neither case has failed, and any other is inconclusive: run the lab ' +
  'again with less beside it, or with --jobs 1.'

type Measured = OutageMeasured['measured']

const renderGap = ({ fromMs, lengthMs, stalledMs, open }: Measured['gaps'][number]) =>
  `a gap of ${length(lengthMs)} from ${time(fromMs)} ${open ? 'to the end' : `to ${time(fromMs + lengthMs)}`}` +
  (stalledMs >= 1 ? `, ${length(stalledMs)} of it the machines' own` : '')

const subject = ({ request }: Measured) => (request === undefined ? 'stream' : 'service')

const words = (measured: Measured) => {
  const { events, gaps, recovered } = measured
  return [
    ...events.map(({ event, atMs }) => `${oneLine(event)} at ${time(atMs)}`),
    ...gaps.slice(0, 12).map(renderGap),
    `the ${subject(measured)} ${recovered ? 'recovered' : 'did not recover'}`,
  ].join('; ')
}

const time = (ms: number) => `${ms < 0 && Math.round(-ms) > 0 ? '−' : ''}${length(Math.abs(ms))}`

const length = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`)
