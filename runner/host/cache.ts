import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder for what can be made again: `wirelab` in $XDG_CACHE_HOME, or in ~/.cache. Need not exist yet.
 * A relative $XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification demands.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment['XDG_CACHE_HOME']
  return configured !== undefined && isAbsolute(configured)
    ? join(configured, 'wirelab')
    : join(homedir(), '.cache', 'wirelab')
}
