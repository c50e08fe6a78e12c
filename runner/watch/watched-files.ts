import { createHash } from 'node:crypto'
import { type FSWatcher, readdirSync, realpathSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import type { Lab } from '../lab/lab.ts'
import { readRegularFile } from '../lab/text/read-lab-file.ts'

/** What a lab is made of, as absolute paths: its file, those that it includes and copies, and folders that it copies. */
export const filesOf = ({ file, included, copied }: Lab): readonly string[] => [
  ...new Set([file, ...included, ...copied]),
]

/** Files that are watched for other content. */
export interface WatchedFiles {
  /** Watches these files, and folders for what lies in them, from now on. What those hold that were not watched before counts as known. */
  watch(files: readonly string[]): void
  /** Those that are watched. */
  watched(): readonly string[]
  /**
   * Waits until a file has other content than when this was last waited for; that then counts as known.
   * @throws the signal's reason
   */
  changed(signal: AbortSignal): Promise<void>
  close(): void
}

/**
 * Watches files by the folders that they lie in, so that those count too that an editor writes anew and renames. What
 * counts is content: a file that is saved as it was has not changed. Nor has a lab's that is gone or empty: whoever
 * saves it is in the midst of that.
 */
export function watchFiles(): WatchedFiles {
  const watchers = new Map<string, FSWatcher>()
  const known = new Map<string, string>()
  let tell: () => void = () => {}
  const look = () => {
    const now = Array.from(known.keys(), (file) => [file, digestOf(file)] as const)
    const isSaving = now.some(([file, digest]) => digest === nothing && isLabFile(file))
    if (isSaving || now.every(([file, digest]) => digest === known.get(file))) return
    for (const [file, digest] of now) known.set(file, digest)
    tell()
  }
  return {
    watch(files) {
      const folders = new Set(files.flatMap((file) => (isFolder(file) ? [dirname(file), file] : [dirname(file)])))
      for (const [folder, watcher] of watchers)
        if (!folders.delete(folder)) {
          watcher.close()
          watchers.delete(folder)
        }
      for (const folder of folders) watchers.set(folder, watchFolder(folder, look))
      for (const file of known.keys()) if (!files.includes(file)) known.delete(file)
      for (const file of files) if (!known.has(file)) known.set(file, digestOf(file))
    },
    watched: () => [...known.keys()],
    async changed(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const aborted = () => reject(signal.reason)
      signal.addEventListener('abort', aborted)
      tell = resolve
      try {
        signal.throwIfAborted()
        look()
        await promise
      } finally {
        tell = () => {}
        signal.removeEventListener('abort', aborted)
      }
    },
    close() {
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

function watchFolder(folder: string, look: () => void): FSWatcher {
  try {
    // A folder that goes takes its files with it: what is wrong then is said when they are read.
    return watch(folder, look).on('error', look)
  } catch (error) {
    throw machineryError(`cannot watch ${folder}: ${messageOf(error)}`)
  }
}

const isLabFile = (file: string) => /\.ya?ml$/.test(file)

const maxBytes = 16 * 1024 * 1024
const nothing = ''

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** A digest of what a file or folder holds; of one that is gone, empty or can't be read the empty text. */
function digestOf(file: string): string {
  try {
    if (isFolder(file)) return readdirSync(file).sort().join('/')
    const bytes = readRegularFile(realpathSync(file), maxBytes)
    return bytes.length === 0 ? nothing : createHash('sha256').update(bytes).digest('hex')
  } catch {
    return nothing
  }
}
