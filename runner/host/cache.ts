import { chmodSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { ownUser } from './own-user.ts'
import { demandTrusted, makeFolders } from './trusted-folder.ts'

/**
 * The folder for what can be made again: `wirelab` in $XDG_CACHE_HOME, or in ~/.cache. Need not exist yet.
 * A relative $XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification demands.
 * @throws WirelabError of kind machinery when another user could change what is in it
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment['XDG_CACHE_HOME'] ?? ''
  const folder = isAbsolute(configured)
    ? join(configured, 'wirelab')
    : join(homeFolder(environment), '.cache', 'wirelab')
  demandTrusted(folder)
  return folder
}

/**
 * Makes a folder of the cache, or finds it, which this user alone can enter from then on.
 * @throws WirelabError of kind machinery
 */
export function makeCacheFolder(path: string): void {
  try {
    makeFolders(path, 0o700)
    if (isOpen(path)) chmodSync(path, 0o700)
  } catch (error) {
    const remedy = 'Point XDG_CACHE_HOME to a folder that you can write to.'
    throw machineryError(`cannot make the folder ${path}: ${messageOf(error)}`, remedy, error)
  }
}

const isOpen = (path: string) => (statSync(path).mode & 0o077) !== 0

/**
 * The user's home: $HOME, or, where that is no absolute path, what the system knows of the user.
 * @throws WirelabError of kind machinery when the system knows nothing
 */
export function homeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment['HOME'] ?? ''
  if (isAbsolute(configured)) return configured
  const { home, name } = ownUser()
  if (home === undefined)
    throw machineryError(
      `cannot find the home folder: the system does not know user ${name}`,
      'Set HOME, or XDG_CACHE_HOME, to a folder of your own.',
    )
  return home
}
