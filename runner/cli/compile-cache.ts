import { existsSync } from 'node:fs'
import { enableCompileCache, getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { cacheFolder, makeCacheFolder } from '../host/cache.ts'
import { openOwnFolder } from '../host/trusted-folder.ts'

/**
 * Keeps the compiled form of all modules that are loaded from now on in the cache, and takes it from there the next
 * time: half of what a short command costs. Only where set-up has made the cache, so that no command that changes
 * nothing makes one; and only in a folder of this user's own, because what lies there is run. Without it all is as
 * it was, but slower, so nothing is thrown.
 *
 * In a checkout bin/wirelab has them kept among the packages, from the first module on, or else Node loads what makes
 * JavaScript of TypeScript, for as long as the rest takes. Whoever can write there can change the code itself.
 */
export function keepCompiled(environment: NodeJS.ProcessEnv = process.env): void {
  // Programs that this one starts keep none there.
  Reflect.deleteProperty(environment, 'NODE_COMPILE_CACHE')
  if (getCompileCacheDir() !== undefined) return
  try {
    const cache = cacheFolder(environment)
    if (!existsSync(cache)) return
    makeCacheFolder(cache)
    const folder = join(cache, 'compiled')
    openOwnFolder(folder)
    enableCompileCache(folder)
  } catch {
    // The commands that need the cache say what is wrong with it.
  }
}
