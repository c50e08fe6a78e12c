import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOtherVersion, parseEvents } from '../../reports/run/json-lines.ts'
import { messageOf, usageError } from '../errors.ts'
import type { RunEvent } from '../events.ts'

/**
 * The events of a results folder.
 * @throws WirelabError of kind usage when it has none, or those of another version of wirelab
 */
export function readRunEvents(folder: string): RunEvent[] {
  const file = join(folder, 'events.jsonl')
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
    return parseEvents(text)
  } catch (error) {
    const toDo = isOtherVersion(text)
      ? 'run the labs again, or use the wirelab that left it'
      : 'name a results folder, such as results/latest'
    throw usageError(`cannot read ${file}: ${messageOf(error)}`, toDo)
  }
}
