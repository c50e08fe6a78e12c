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
export const parseEvents = (text: string, file = 'events.jsonl'): RunEvent[] =>
  Array.from(
    eachEvent(
      text.split('\n').map((line) => ({ text: line })),
      file,
    ),
    ({ event }) => event,
  )

/**
 * As `parseEvents`, one event after the other, each with its line; the last of the lines has no newline. Events that
 * were checked before need it no more.
 */
export function* eachEvent<L extends { readonly text: string }>(
  lines: Iterable<L>,
  file: string,
  { checked = false } = {},
): Generator<{ readonly event: RunEvent; readonly line: L }> {
  let damage: string | undefined
  let number = 0
  for (const line of lines) {
    if (damage !== undefined) throw new Error(`${file}:${number}: ${damage}`)
    number += 1
    if (number === 1 && isOtherVersion(line.text))
      throw new Error(
        `${file}: its events are of version ${versionOf(line.text)}, and this wirelab reads version ${eventsVersion}`,
      )
    if (line.text.trim() === '') continue
    const event = parseLine(line.text, checked)
    if (typeof event === 'string') damage = event
    else yield { event, line }
  }
}

/** Whether a first line is one that another version of wirelab wrote. */
export function isOtherVersion(line: string): boolean {
  const version = versionOf(line)
  return version !== undefined && version !== eventsVersion
}

/** What the first event says; undefined when it can't be read as the beginning of a run. */
function versionOf(line: string): unknown {
  try {
    const first: unknown = JSON.parse(line)
    if (typeof first !== 'object' || first === null || !('type' in first) || first.type !== 'run-started')
      return undefined
    // The first version did not say so.
    return 'version' in first ? first.version : 1
  } catch {
    return undefined
  }
}

/** The event, or what is wrong with the line. */
function parseLine(line: string, checked: boolean): RunEvent | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return `this is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  return checked ? (value as RunEvent) : readEvent(value)
}
