import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { messageOf } from '../../errors.ts'
import { isInside, type Refused } from './read-lab-file.ts'

/**
 * The path, without links, of what a lab names in its folder, or elsewhere in the repository that the folder is in: there
 * no link leads to it, and no name on the way is hidden (.git, .env).
 */
export function findInRepository(from: string, folder: string): string | Refused {
  const repository = repositoryOf(folder)
  const outside = {
    cause: 'it lies outside of the folder of the lab, and of its repository',
    hint:
      repository === folder
        ? 'put it beside the lab file, or run "git init" in a folder around both'
        : 'put it beside the lab file',
  }
  const wanted = resolve(folder, from)
  if (!isInside(wanted, folder) && !isInside(wanted, repository)) return outside
  try {
    const [realFolder, root] = [realpathSync(folder), realpathSync(repository)]
    const real = realpathSync(wanted)
    if (isInside(real, realFolder)) return real
    if (!isInside(real, root)) return outside
    if (real !== resolve(realFolder, from)) return { cause: 'a link leads out of the folder of the lab' }
    const isHidden = relative(root, real)
      .split(sep)
      .some((name) => name.startsWith('.'))
    return isHidden ? { cause: 'hidden files are read in the folder of the lab alone' } : real
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { cause: isMissing ? 'there is no such file' : messageOf(error) }
  }
}

/** The folder that this wirelab is in, with the labs that it ships: as a package it has no repository. */
const ownFolder = join(import.meta.dirname, '..', '..', '..')

/** The folder of the repository that a folder is in; itself when it is in none. */
function repositoryOf(folder: string): string {
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    if (above === ownFolder || existsSync(join(above, '.git'))) return above
  }
  return folder
}
