import { readEvent } from '../../runner/event-schema.ts'
import { eventsVersion, type RunEvent } from '../../runner/events.ts'
import { renderJson } from '../text/json.ts'

/**
 * One event as one line of JSON with its newline, as it stands in events.jsonl. Printed as it is it does nothing to a
 * terminal or to the log of a CI job: what would is escaped, which changes no value.
 */
export const renderEvent = (event: RunEvent): string => `${renderJson(event)}\n`

/**
 * The events of an events.jsonl. A last line without newline that can't be read is left out: a runner that was
 * killed while writing leaves one. Throws an `Error` that names `file` and the line's number when another line is no
 * event, or lacks something of its type, and one that names the version when all are events of another version.
 */
export const parseEvents = (text: string, file = 'events.jsonl'): RunEvent[] => [...eachEvent(text, file)]

/** As `parseEvents`, one event after the other. */
export function* eachEvent(text: string, file: string): Generator<RunEvent> {
  const version = versionOf(text)
  if (isOtherVersion(text))
    throw new Error(`${file}: its events are of version ${version}, and this wirelab reads version ${eventsVersion}`)
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const event = parseLine(line)
    if (typeof event !== 'string') {
      yield event
    } else if (index < lines.length - 1) {
      throw new Error(`${file}:${index + 1}: ${event}`)
    }
  }
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

/** The event, or what is wrong with the line. */
function parseLine(line: string): RunEvent | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return `this is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  return readEvent(value)
}
