import { closeSync, readSync } from 'node:fs'
import type { RunEvent } from '../events.ts'
import { openResult } from '../host/results-files.ts'
import type { Outcome } from '../result.ts'

/** What the results folder of a part says until now. */
export interface PartResults {
  /** Scopes that came to their end. */
  readonly done: number
  /** Of them, those that did not pass. */
  readonly failed: number
  readonly error: number
  /** The part came to its end, and no signal brought it there. */
  readonly whole: boolean
}

const chunkBytes = 1 << 18

/** Follows the events of a results folder, each of which is read once. It need not be there yet. */
export function followResults(folder: string): () => PartResults {
  let [offset, rest] = [0, Buffer.alloc(0)]
  const outcomes = new Map<string, Outcome>()
  let whole = false
  const note = (line: string) => {
    // Most lines are of no interest here, and long.
    if (!/^\{"type":"(scope|run)-finished"/.test(line)) return
    const event = JSON.parse(line) as RunEvent
    if (event.type === 'scope-finished') outcomes.set(event.scope, event.outcome)
    if (event.type === 'run-finished') whole = event.exitCode < 128
  }
  return () => {
    for (let chunk = readFrom(folder, offset); chunk.length > 0; chunk = readFrom(folder, offset)) {
      offset += chunk.length
      const lines = Buffer.concat([rest, chunk])
      const end = lines.lastIndexOf('\n') + 1
      for (const line of lines.subarray(0, end).toString().split('\n')) note(line)
      rest = lines.subarray(end)
    }
    const all = [...outcomes.values()]
    const count = (wanted: Outcome) => all.filter((outcome) => outcome === wanted).length
    return { done: all.length, failed: count('failed'), error: count('error'), whole }
  }
}

function readFrom(folder: string, offset: number): Buffer {
  let file: number | undefined
  try {
    file = openResult(folder, 'events.jsonl')
    const buffer = Buffer.alloc(chunkBytes)
    return buffer.subarray(0, readSync(file, buffer, 0, chunkBytes, offset))
  } catch {
    return Buffer.alloc(0)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
