import { join } from 'node:path'
import { eachEvent, isOtherVersion } from '../../reports/run/json-lines.ts'
import { manyScopes, withoutDetails } from '../../reports/run/many-scopes.ts'
import { messageOf, usageError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { readResult } from '../host/results-files.ts'

/**
 * The events of a results folder; of a run of very many scopes, or where `thin` says so, without the details of scopes
 * that passed.
 * @throws WirelabError of kind usage when it has none, damaged ones, or those of another version of wirelab
 */
export function readRunEvents(folder: string, { thin = false } = {}): RunEvent[] {
  const file = join(folder, 'events.jsonl')
  let text = ''
  try {
    text = readResult(folder, 'events.jsonl')
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`, 'name a results folder, such as results/latest')
  }
  try {
    const events = eachEvent(text, file)
    return thin || isOfMany(text) ? withoutDetails(events) : [...events]
  } catch (error) {
    const toDo = isOtherVersion(text) ? 'run the labs again, or use the wirelab that left it' : 'the file is damaged'
    throw usageError(`cannot read ${messageOf(error)}`, toDo)
  }
}

/** Whether the first event plans very many scopes. */
function isOfMany(text: string): boolean {
  const first = text.slice(0, Math.max(0, text.indexOf('\n')))
  return first.split('"scope":').length - 1 > manyScopes
}
