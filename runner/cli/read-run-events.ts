import { join } from 'node:path'
import { isOtherVersion, parseEvents } from '../../reports/run/json-lines.ts'
import { messageOf, usageError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { readResult } from '../host/results-files.ts'

/**
 * The events of a results folder.
 * @throws WirelabError of kind usage when it has none, damaged ones, or those of another version of wirelab
 */
export function readRunEvents(folder: string): RunEvent[] {
  const file = join(folder, 'events.jsonl')
  let text = ''
  try {
    text = readResult(folder, 'events.jsonl')
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`, 'name a results folder, such as results/latest')
  }
  try {
    return parseEvents(text, file)
  } catch (error) {
    const toDo = isOtherVersion(text) ? 'run the labs again, or use the wirelab that left it' : 'the file is damaged'
    throw usageError(`cannot read ${messageOf(error)}`, toDo)
  }
}
