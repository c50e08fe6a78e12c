import type {
  CaptureSaved,
  EventHappened,
  FileFetched,
  OutageMeasured,
  ProcessEnded,
  ProcessStarted,
  RunEvent,
} from '../../runner/events.ts'
import { boundedLines, oneLine, plural, renderDuration } from '../text/plain-text.ts'
import { lineWidth, outputLines, type Style, wordy } from './lines.ts'

/** What happened, was measured or was kept: the lines of an event that says the same wherever it comes. */
export function happenedLines(event: RunEvent, style: Style): string[] {
  switch (event.type) {
    case 'event-happened':
      return eventLines(event, style)
    case 'outage-measured':
      return outageLines(event, style)
    case 'process-started':
      return processLines(event, style)
    case 'process-ended':
      return processEndLines(event, style)
    case 'capture-saved':
      return [captureLine(event, style)]
    case 'file-fetched':
      return [fetchedLine(event, style)]
    default:
      return []
  }
}

const captureLine = ({ frames, dropped, cut, endpoint, path }: CaptureSaved, { paint }: Style) =>
  paint(
    'dim',
    `      captured ${frames} frames${dropped ? `, lost ${dropped},` : ''}${cut ? ', then had no room for more,' : ''} at ${oneLine(endpoint)}: ${oneLine(path)}`,
  )

const fetchedLine = ({ node, from, bytes, cut, path }: FileFetched, { paint }: Style) =>
  paint(
    'dim',
    `      kept ${oneLine(node)}:${oneLine(from)}, ${plural(bytes, 'byte')}${cut ? ', then had no room for more' : ''}: ${oneLine(path)}`,
  )

/** What happened to a cable, a machine or a NIC. */
const eventLines = ({ words, beganMs, endedMs }: EventHappened, { paint }: Style): string[] => [
  `    ${paint('cyan', `* ${oneLine(words)}`)} ${paint('dim', `(${renderDuration(endedMs - beganMs)})`)}`,
]

/** The gaps of a stream or a service, each with its place in time. */
function outageLines({ from, to, measured }: OutageMeasured, { paint }: Style): string[] {
  const { request, everyMs, gaps, lost, sent, untilMs } = measured
  const does = request === undefined ? `sent ${sent} datagrams to` : `made ${sent} requests (${oneLine(request)}) to`
  const about = `${oneLine(from)} ${does} ${oneLine(to)}, one each ${everyMs} ms, until ${renderDuration(Math.max(0, untilMs))}`
  return [
    paint('dim', `      ${about} after the first event; ${lost} ${request === undefined ? 'lost' : 'unanswered'}`),
    ...gaps
      .slice(0, 20)
      .map(({ fromMs, lengthMs, open }) =>
        paint(
          'dim',
          `      gap of ${Math.round(lengthMs)} ms at ${Math.round(fromMs)} ms${open ? ', to the end' : ''}`,
        ),
      ),
    ...(gaps.length > 20 ? [paint('dim', `      and ${gaps.length - 20} more gaps`)] : []),
  ]
}

/** A background process as it was started, with how long it took to be ready. */
const processLines = ({ node, process, command, durationMs }: ProcessStarted, style: Style): string[] => [
  ...boundedLines(command, style.verbose ? wordy : { head: 20, tail: 5, width: lineWidth }).map(
    (line) => `    ${style.paint('dim', `${oneLine(node)}&`)} ${style.paint('cyan', line)}`,
  ),
  style.paint('dim', `      ${oneLine(process)} runs, ready after ${renderDuration(durationMs)}`),
]

/** What a background process printed. */
const processEndLines = (event: ProcessEnded, style: Style): string[] => [
  style.paint('dim', `    ${oneLine(event.process)} on ${oneLine(event.node)} ended; it printed`),
  ...outputLines(event, style),
]
