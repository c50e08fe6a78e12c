import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { machineryError, messageOf, usageError } from '../errors.ts'
import { fileName } from './file-names.ts'
import { makeFolders } from './trusted-folder.ts'

/** Name of a file that a step (its index) leaves: step-03-NAME.ENDING, NAME folded where it is not plain. */
export const stepFile = (step: number, name: string, ending: string): string =>
  `step-${String(step + 1).padStart(2, '0')}-${fileName(name)}.${ending}`

/**
 * Name of the file with what a machine printed on its console: NAME.console.log, and NAME.2.console.log when it has
 * started anew. No node has a full stop in its name.
 */
export const consoleFile = (machine: string, start: number): string =>
  `${fileName(machine)}${start > 1 ? `.${start}` : ''}.console.log`

/** Where a run leaves what it found. */
export interface ResultsFolder {
  /** Absolute path. */
  readonly path: string
  /** The run's id, such as 20260102-030405-ab12. */
  readonly run: string
  /** Adds a line to events.jsonl; all of it is written when this returns. @throws what the file system throws */
  addEvent(line: string): void
  /** Closes events.jsonl. @throws what the file system throws: some say only then that there is no room */
  close(): void
}

/**
 * Makes a results folder: `given`, which must be empty or absent, or a new one in `base`, whose `latest` then points to
 * it.
 * @throws WirelabError of kind usage when `given` holds something already or cannot be a folder, of kind machinery when
 * the host lacks the room
 */
export function makeResultsFolder(given: string | undefined, startedAt: Date, base = 'results'): ResultsFolder {
  const run = `${renderTime(startedAt)}-${randomBytes(2).toString('hex')}`
  const path = resolve(given ?? join(base, run))
  try {
    if (given === undefined) demandLink(latestBeside(path))
    makeFolders(path)
    if (readdirSync(path).length > 0) throw new Error('it is not empty')
    if (given === undefined) pointLatestAt(path)
    // Exclusively: no link is followed that somebody puts there meanwhile.
    const events = openSync(join(path, 'events.jsonl'), 'ax')
    // Unlike writeSync, writeFileSync goes on after a part was written.
    return { path, run, addEvent: (line) => writeFileSync(events, line), close: () => closeSync(events) }
  } catch (error) {
    const message = `cannot use results folder ${given ?? path}: ${messageOf(error)}`
    if (isOfHost(error)) throw machineryError(message, 'make room, or name a folder elsewhere with --results', error)
    throw usageError(message, 'name an empty or a new folder')
  }
}

/** Whether an error is no matter of which folder was named: no space, no inode, a quota, a broken disk. */
const isOfHost = (error: unknown) =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'].includes(`${error.code}`)

const renderTime = (time: Date) => time.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)

const latestBeside = (path: string) => join(dirname(path), 'latest')

function demandLink(latest: string) {
  if (lstatSync(latest, { throwIfNoEntry: false })?.isSymbolicLink() === false)
    throw new Error(`${latest} is in the way, which must be a link or absent`)
}

/** Replaced in one step: two runs that start at once both leave a link that works. */
function pointLatestAt(path: string): void {
  const latest = latestBeside(path)
  const fresh = `${latest}.${process.pid}`
  rmSync(fresh, { force: true })
  symlinkSync(basename(path), fresh)
  renameSync(fresh, latest)
}
