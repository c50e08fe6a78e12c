import { spawnSync } from 'node:child_process'
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { machineryError } from '../errors.ts'

/**
 * Opens a file or folder and takes the kernel's lock on it (flock(2)). Returns the descriptor, which holds the lock
 * until it is closed here and in all processes that inherited it, in whatever namespaces these are; undefined when
 * another has the lock, or the file is gone.
 * @throws WirelabError of kind machinery where files can't be locked, and what the file system throws
 */
export function tryLock(path: string): number | undefined {
  const descriptor = openToLock(path)
  if (descriptor === undefined) return undefined
  try {
    // Who had the lock before may have removed what was locked.
    if (flock(path, descriptor) && isAt(path, descriptor)) return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  closeSync(descriptor)
  return undefined
}

/** Whether another process has the lock on a file or folder; true where nobody can tell. */
export function isLocked(path: string): boolean {
  try {
    const descriptor = tryLock(path)
    if (descriptor === undefined) return lstatSync(path, { throwIfNoEntry: false }) !== undefined
    closeSync(descriptor)
    return false
  } catch {
    return true
  }
}

function openToLock(path: string) {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A lock belongs to what was opened, not to the process: it outlives the flock(1) that takes it. */
function flock(path: string, descriptor: number): boolean {
  const { status, stderr, error } = spawnSync('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', descriptor] })
  if (status === 0) return true
  const words = error?.message ?? stderr.toString().trim()
  if (status === 1 && words === '') return false
  throw machineryError(`cannot lock ${path}: ${words}`, undefined, error)
}

function isAt(path: string, descriptor: number) {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const open = fstatSync(descriptor)
  return found?.ino === open.ino && found.dev === open.dev
}
