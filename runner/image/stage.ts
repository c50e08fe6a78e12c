import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runAsRoot } from '../host/run-as-root.ts'

/** A folder in which an image is being built. */
export interface Stage {
  readonly folder: string
  /** Receives what the recipe's hook writes. */
  readonly output: string
  /** For mmdebstrap's own use; any user may write there. */
  readonly temporary: string
  /** Becomes the image's folder; only its owner may look inside. */
  readonly image: string
}

/** No image's name begins with a dot. */
const prefix = '.building-'

/** Makes an empty stage beside the images, so that what is built there is renamed and not copied. */
export async function makeStage(images: string): Promise<Stage> {
  const folder = await mkdtemp(join(images, prefix))
  await chmod(folder, 0o755)
  const [output, temporary, image] = ['output', 'temporary', 'image'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await Promise.all([mkdir(output), mkdir(temporary), mkdir(image, { mode: 0o700 })])
  await chmod(temporary, 0o1777)
  return { folder, output, temporary, image }
}

/** Puts the finished image to its place. A damaged one that stands there goes away with the stage. */
export async function publishStage(stage: Stage, target: string): Promise<void> {
  await rename(target, join(stage.folder, 'replaced')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(stage.image, target)
}

/** Removes a stage, also what belongs to the other users of a user namespace. */
export async function removeStage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() =>
    runAsRoot(['rm', '-rf', '--one-file-system', folder]),
  )
}

/**
 * Removes all stages. To be called only under the lock that builders hold: then they are of builds that were killed.
 */
export async function removeLeftStages(images: string): Promise<void> {
  for (const entry of await readdir(images)) {
    if (entry.startsWith(prefix)) await removeStage(join(images, entry))
  }
}
