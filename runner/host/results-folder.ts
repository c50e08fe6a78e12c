import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf, usageError } from '../errors.ts'

/** Name of a file that a step (its index) leaves: step-03-NAME. */
export const stepFile = (step: number, name: string): string => `step-${String(step + 1).padStart(2, '0')}-${name}`

/**
 * Name of the file with what a machine printed on its console: NAME.console.log, and NAME.2.console.log when it has
 * started anew. No node has a full stop in its name.
 */
export const consoleFile = (machine: string, start: number): string =>
  `${machine}${start > 1 ? `.${start}` : ''}.console.log`

/** Where a run leaves what it found. */
export interface ResultsFolder {
  /** Absolute path. */
  readonly path: string
  /** The run's id, such as 20260102-030405-ab12. */
  readonly run: string
  /** Adds a line to events.jsonl; it is on disk when this returns. */
  addEvent(line: string): void
  close(): void
}

/**
 * Makes a results folder: `given`, which must be empty or absent, or a new one in `base`, whose `latest` then points to
 * it.
 * @throws WirelabError of kind usage when `given` holds something already
 */
export function makeResultsFolder(given: string | undefined, startedAt: Date, base = 'results'): ResultsFolder {
  const run = `${renderTime(startedAt)}-${randomBytes(2).toString('hex')}`
  const path = resolve(given ?? join(base, run))
  try {
    mkdirSync(path, { recursive: true })
    if (readdirSync(path).length > 0) throw new Error('it is not empty')
  } catch (error) {
    throw usageError(`cannot use results folder ${given ?? path}: ${messageOf(error)}`, 'name an empty or a new folder')
  }
  if (given === undefined) pointLatestAt(path)
  const events = openSync(join(path, 'events.jsonl'), 'a')
  return { path, run, addEvent: (line) => writeSync(events, line), close: () => closeSync(events) }
}

const renderTime = (time: Date) => time.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)

/** Replaced in one step: two runs that start at once both leave a link that works. */
function pointLatestAt(path: string): void {
  const latest = join(dirname(path), 'latest')
  const fresh = `${latest}.${process.pid}`
  rmSync(fresh, { force: true })
  symlinkSync(basename(path), fresh)
  renameSync(fresh, latest)
}
