import { eventsVersion, type RunEvent } from '../../runner/events.ts'

/** What JSON leaves as it is, and a terminal obeys: controls of one byte, line ends, and what turns the order of a line. */
const obeyed = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu

/** One event as one line of JSON with its newline, as it stands in events.jsonl. */
export const renderEvent = (event: RunEvent): string =>
  `${JSON.stringify(event).replaceAll(obeyed, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

/**
 * The events of an events.jsonl. A last line without newline that can't be read is left out: a runner that was
 * killed while writing leaves one. Throws an `Error` that names the line by number when another line is no event, and
 * one that names the version when all are events of another version.
 */
export function parseEvents(text: string): RunEvent[] {
  const version = versionOf(text)
  if (isOtherVersion(text))
    throw new Error(`its events are of version ${version}, and this wirelab reads version ${eventsVersion}`)
  const lines = text.split('\n')
  const events: RunEvent[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const event = parseLine(line)
    if (typeof event !== 'string') {
      events.push(event)
    } else if (index < lines.length - 1) {
      throw new Error(`line ${index + 1}: ${event}`)
    }
  }
  return events
}

/** Whether an events.jsonl begins as one that another version of wirelab wrote. */
export function isOtherVersion(text: string): boolean {
  const version = versionOf(text)
  return version !== undefined && version !== eventsVersion
}

/** What the first event says; undefined when it can't be read as the beginning of a run. */
function versionOf(text: string): unknown {
  try {
    const first: unknown = JSON.parse(text.split('\n', 1)[0] ?? '')
    if (typeof first !== 'object' || first === null || !('type' in first) || first.type !== 'run-started')
      return undefined
    // The first version did not say so.
    return 'version' in first ? first.version : 1
  } catch {
    return undefined
  }
}

// A record and not a list, so that the compiler says when a type of event is missing here.
const knownTypes: Record<RunEvent['type'], true> = {
  'run-started': true,
  progress: true,
  'scope-started': true,
  'machine-ready': true,
  'machine-died': true,
  'step-started': true,
  'command-finished': true,
  'event-happened': true,
  'outage-measured': true,
  'process-started': true,
  'process-ended': true,
  'capture-saved': true,
  'step-finished': true,
  'case-started': true,
  'case-finished': true,
  'scope-finished': true,
  'run-finished': true,
}

/** The event, or what is wrong with the line. */
function parseLine(line: string): RunEvent | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return `this is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  if (isEvent(value)) return value
  const type = typeof value === 'object' && value !== null && 'type' in value ? JSON.stringify(value.type) : 'none'
  return `this is not an event (type ${type})`
}

const isEvent = (value: unknown): value is RunEvent =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  Object.hasOwn(knownTypes, value.type) &&
  'at' in value &&
  typeof value.at === 'number'
