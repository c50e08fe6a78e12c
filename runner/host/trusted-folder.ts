import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { machineryError } from '../errors.ts'

/** More links than Linux follows in one path (path_resolution(7)). */
const mostLinks = 40

const ownUid = () => process.geteuid?.() ?? -1
const isOurs = ({ uid }: Stats) => uid === ownUid()
const isTrusted = ({ uid }: Stats) => uid === 0 || uid === ownUid()

/**
 * Why another user could change what a path leads to, in words; undefined when only this user and root can. Every
 * folder on the way is looked at, and every link; what is not there yet is as safe as the folder in which it would be.
 */
export function whyNotTrusted(path: string): string | undefined {
  let links = 0
  let at = '/'
  const ahead = partsOf(path)
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(at, part)
    const found = lstatSync(next, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    if (!isTrusted(found)) return `${next} belongs to another user (${found.uid})`
    if (found.isSymbolicLink()) {
      if (++links > mostLinks) return `${next} is one link too many`
      ahead.unshift(...partsOf(resolve(at, readlinkSync(next))))
      at = '/'
      continue
    }
    // What lies below a file nobody can open.
    if (!found.isDirectory()) return undefined
    if (isOpenToOthers(found)) return `others may change what is in ${next}`
    at = next
  }
  return undefined
}

const partsOf = (path: string) => resolve(path).split('/').filter(Boolean)

/** S_ISVTX of inode(7), which Node has no name for. */
const sticky = 0o1000

/** Whether others may replace what lies in a folder. In a sticky one, such as /tmp, only an entry's owner may. */
function isOpenToOthers({ mode, uid, gid }: Stats) {
  if ((mode & sticky) !== 0) return false
  // Where each user has a group of the same number alone (useradd's USERGROUPS_ENAB), umasks let it write.
  const isPrivateGroup = gid === uid && gid === process.getegid?.()
  return (mode & constants.S_IWOTH) !== 0 || ((mode & constants.S_IWGRP) !== 0 && !isPrivateGroup)
}

/**
 * Makes a folder that only this user can enter, or finds it: no link, this user's own, and closed to all others.
 * @throws WirelabError of kind machinery when anything else stands there, or there is no place for it
 */
export function openOwnFolder(path: string): void {
  const why = whyNotTrusted(dirname(path)) ?? makeOrJudge(path)
  if (why !== undefined) throw untrusted(path, why)
}

function makeOrJudge(path: string) {
  makeIfAbsent(path, 0o700)
  const found = lstatSync(path)
  if (!found.isDirectory()) return 'it is no folder'
  if (!isOurs(found)) return `it belongs to another user (${found.uid})`
  return (found.mode & 0o077) === 0 ? undefined : 'other users may enter it'
}

/** @throws WirelabError of kind machinery unless only this user and root can change what a path leads to */
export function demandTrusted(path: string): void {
  const why = whyNotTrusted(path)
  if (why !== undefined) throw untrusted(path, why)
}

const untrusted = (path: string, why: string) =>
  machineryError(
    `cannot use ${path}: ${why}`,
    'What lies there decides what is run, so it must be your own: name a folder elsewhere with ' +
      'XDG_RUNTIME_DIR or XDG_CACHE_HOME, or have it removed.',
  )

/**
 * Makes a folder and those on the way to it that are not there. Unlike mkdir of Node with `recursive`, it ends where
 * no folder can be made, such as in /proc.
 * @throws what the file system throws
 */
export function makeFolders(path: string, mode = 0o777): void {
  const parent = dirname(path)
  if (parent !== path && lstatSync(parent, { throwIfNoEntry: false }) === undefined) makeFolders(parent, mode)
  makeIfAbsent(path, mode)
}

function makeIfAbsent(path: string, mode: number) {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A record has some kilobytes. */
const longestRecord = 1024 * 1024

/**
 * Reads a file that this user wrote; no link, and nobody else's. @throws Error when it is anything else; what the file
 * system throws
 */
export function readOwnFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (!found.isFile() || !isOurs(found) || found.nlink !== 1 || found.size > longestRecord)
      throw new Error(`${path} is no file of this user's own`)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
