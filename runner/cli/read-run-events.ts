import { join } from 'node:path'
import { eachEvent, isOtherVersion } from '../../reports/run/json-lines.ts'
import { createOutliner } from '../../reports/run/many-scopes.ts'
import { messageOf, usageError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { eachLine, type ResultLine } from '../host/results-files.ts'

/**
 * The events of a results folder, one after the other, each with its line of events.jsonl. `checked` says that they
 * were read by this before.
 * @throws WirelabError of kind usage when it has none, damaged ones, or those of another version of wirelab
 */
export function* eachRunEvent(
  folder: string,
  { checked = false } = {},
): Generator<{ readonly event: RunEvent; readonly line: ResultLine }> {
  const file = join(folder, 'events.jsonl')
  let toDo = 'name a results folder, such as results/latest'
  const lines = function* () {
    for (const line of eachLine(folder, 'events.jsonl')) {
      if (line.from === 0)
        toDo = isOtherVersion(line.text) ? 'run the labs again, or use the wirelab that left it' : 'the file is damaged'
      yield line
    }
  }
  try {
    yield* eachEvent(lines(), file, { checked })
  } catch (error) {
    const message = messageOf(error)
    throw usageError(`cannot read ${message.startsWith(file) ? message : `${file}: ${message}`}`, toDo)
  }
}

/** All events of a results folder. @throws as `eachRunEvent` */
export const readRunEvents = (folder: string): RunEvent[] => Array.from(eachRunEvent(folder), ({ event }) => event)

/** What the events of a results folder come to, without what was printed for claims. @throws as `eachRunEvent` */
export function* outlineRun(folder: string): Generator<RunEvent> {
  const outline = createOutliner()
  for (const { event } of eachRunEvent(folder)) yield outline(event)
}
