import { statfs } from 'node:fs/promises'
import { machineryError } from '../errors.ts'

const MiB = 1024 ** 2

/** What a build needs at its peak: packages, their installed files and the image of them; and the template after it. */
export const neededMiB = 1500

/** Free space for this user on the disk of a folder, in MiB. */
export async function freeMiB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.floor((bavail * bsize) / MiB)
}

/** @throws WirelabError of kind machinery when the disk of `folder` has too little room for a build */
export async function demandSpace(folder: string): Promise<void> {
  const free = await freeMiB(folder)
  if (free >= neededMiB) return
  throw machineryError(
    `cannot build an image in ${folder}: it needs ${neededMiB} MiB, and ${free} MiB are free`,
    'Free some space, or point XDG_CACHE_HOME to a folder that has it.',
  )
}
