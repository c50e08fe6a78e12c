import { join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { makeCacheFolder } from '../host/cache.ts'
import { isDiskFull } from '../host/full-disk.ts'
import { withLock } from '../host/lock.ts'
import { demandSpace, neededMiB } from './disk-space.ts'
import { imagesFolder } from './image.ts'
import { makeStage, removeLeftStages, removeStage, type Stage } from './stage.ts'

export interface StageOptions {
  readonly signal: AbortSignal
  /** What is going on now, for people. */
  onProgress(message: string): void
}

/** Does something with the folder of images while nobody else builds one. What killed builds left is removed first. */
export async function alone<T>({ signal, onProgress }: StageOptions, use: (images: string) => Promise<T>): Promise<T> {
  const images = imagesFolder()
  makeCacheFolder(images)
  const onWait = () => onProgress('Waiting for another build to end')
  return await withLock(join(images, '.lock'), { signal, onWait }, async () => {
    await removeLeftStages(images)
    return await use(images)
  })
}

/** Gives an empty stage to what makes an image, and removes it afterwards. */
export async function inStage<T>(
  name: string,
  images: string,
  { onProgress }: StageOptions,
  use: (stage: Stage) => Promise<T>,
): Promise<T> {
  await demandSpace(images)
  const stage = await makeStage(images)
  try {
    return await use(stage)
  } catch (error) {
    throw isDiskFull(error) ? fullError(name, images, error) : error
  } finally {
    await removeStage(stage.folder).catch((error: unknown) =>
      onProgress(`Cannot remove ${stage.folder}: ${messageOf(error)}`),
    )
  }
}

const fullError = (name: string, folder: string, cause: unknown) =>
  machineryError(
    `cannot build image ${name}: the disk of ${folder} is full`,
    `It takes ${neededMiB} MiB. Free some space, or point XDG_CACHE_HOME to a folder that has it.`,
    cause,
  )
