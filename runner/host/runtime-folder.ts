import { closeSync, lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { cacheFolder, makeCacheFolder } from './cache.ts'
import { isLocked, tryLock } from './folder-lock.ts'
import { ownCommand } from './own-command.ts'
import { ownUser } from './own-user.ts'
import { openOwnFolder, whyNotTrusted } from './trusted-folder.ts'

/** sockaddr_un holds 108 bytes (unix(7)); a folder with a longer path leaves no room for the names of sockets. */
const longestFolder = 70

/** Short-lived files of running machines: sockets and the like, in a folder that only the user can enter. */
export interface RuntimeFolder {
  readonly path: string
  /**
   * Open on the folder. While any process has it, this one or one that inherited it, nobody takes the folder for left.
   */
  readonly descriptor: number
  remove(): void
}

/**
 * The folders that hold the runtime folders of all runs of this user, the first of which takes new ones: one in
 * $XDG_RUNTIME_DIR or else in the temporary folder, and one in the cache, for where another user stands in the way.
 * They need not exist. One that others could change is not among them.
 */
export function runtimeRoots(): string[] {
  const own = rootIn(process.env['XDG_RUNTIME_DIR'] ?? '')
  const usual = isAbsolute(own) && isUsable(own) ? [own] : [rootIn(tmpdir()), rootIn('/tmp')]
  return [...new Set([...usual, ...rootInCache()])].filter(isUsable)
}

/** Why the usual places of runtime folders are not used, in words; none where nobody stands in the way. */
export const untrustedPlaces = (): string[] =>
  [...new Set([process.env['XDG_RUNTIME_DIR'] || tmpdir(), '/tmp'])].flatMap(
    (place) => whyNotTrusted(rootIn(place)) ?? [],
  )

/** What to do where they are full. */
export const roomForRuntime = (): string =>
  `Free some of it (${ownCommand('down')} ends labs that are up), or let XDG_RUNTIME_DIR name a folder on a disk before a lab is brought up.`

const rootIn = (place: string) => join(place, `wirelab-runs-${ownUser().uid}`)

const isUsable = (root: string) => Buffer.byteLength(root) < longestFolder && whyNotTrusted(root) === undefined

function rootInCache() {
  try {
    return [join(cacheFolder(), 'run')]
  } catch {
    return []
  }
}

/**
 * Makes a runtime folder for this process, after removing those that nobody has open any more.
 * @throws WirelabError of kind machinery when there is no place for one
 */
export function makeRuntimeFolder(): RuntimeFolder {
  removeStaleRuntimeFolders()
  const problems: string[] = []
  for (const root of runtimeRoots()) {
    try {
      return makeIn(root)
    } catch (error) {
      problems.push(messageOf(error))
    }
  }
  throw machineryError(
    `cannot make a folder for sockets: ${problems.join('; ') || "no place is this user's own and has a short path"}`,
    'Set XDG_RUNTIME_DIR to a folder of your own.',
  )
}

/** Another process may take a new folder for one that was left, or its root for an empty one. */
const mostAttempts = 100

function makeIn(root: string): RuntimeFolder {
  for (let attempt = 1; ; attempt++) {
    const path = tryMakeIn(root)
    const descriptor = path === undefined ? undefined : tryLock(path)
    if (path !== undefined && descriptor !== undefined) return runtimeFolder(path, descriptor)
    if (attempt === mostAttempts) throw machineryError(`cannot make a folder in ${root}: others remove it`)
  }
}

function tryMakeIn(root: string) {
  try {
    // $XDG_RUNTIME_DIR and the temporary folder are not ours to make.
    if (rootInCache().includes(root)) makeCacheFolder(dirname(root))
    openOwnFolder(root)
    return mkdtempSync(join(root, 'r-'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && lstatSync(dirname(root), { throwIfNoEntry: false }))
      return
    throw error
  }
}

function runtimeFolder(path: string, descriptor: number): RuntimeFolder {
  let isOpen = true
  return {
    path,
    descriptor,
    remove() {
      rmSync(path, { recursive: true, force: true })
      if (isOpen) closeSync(descriptor)
      isOpen = false
      removeIfEmpty(dirname(path))
    },
  }
}

/** Paths of all runtime folders of this user. */
export const runtimeFolders = (): string[] =>
  runtimeRoots().flatMap((root) => {
    try {
      return readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? join(root, entry.name) : [],
      )
    } catch {
      return []
    }
  })

/** Paths of the runtime folders that nobody has open any more. */
export const staleRuntimeFolders = (): string[] => runtimeFolders().filter((folder) => !isLocked(folder))

/** Removes the runtime folders that nobody has open, and their roots when nothing else is in them. Returns how many. */
export function removeStaleRuntimeFolders(): number {
  const removed = runtimeFolders().filter(removeUnlessOpen).length
  for (const root of runtimeRoots()) removeIfEmpty(root)
  return removed
}

/** Returns whether it did. */
export function removeUnlessOpen(folder: string): boolean {
  try {
    // While it is locked, nobody makes it his own.
    const descriptor = tryLock(folder)
    if (descriptor === undefined) return false
    rmSync(folder, { recursive: true, force: true })
    closeSync(descriptor)
    return true
  } catch {
    return false
  }
}

function removeIfEmpty(root: string) {
  try {
    rmdirSync(root)
  } catch {
    // Another run still has its folder there, or there is none.
  }
}
