import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../host/lock.ts'
import { imageFiles, imagesFolder } from './image.ts'
import { type ImageManifest, parseManifest } from './manifest.ts'
import { loadRecipe } from './recipe.ts'
import { removeTemplates } from './remove-templates.ts'

/** An image's folder in the cache. */
export interface CachedImage {
  readonly name: string
  readonly key: string
  readonly folder: string
  /** No other recipe has taken the place of its own, as far as can be seen from here. */
  readonly current: boolean
  readonly bytes: number
  /** Undefined when it can't be read. */
  readonly manifest: ImageManifest | undefined
}

/** All images in the cache, also those of former recipes and damaged ones. Their files are not verified. */
export async function listImages(): Promise<CachedImage[]> {
  const images = imagesFolder()
  const entries = await readdir(images).catch(() => [])
  const found = entries.sort().flatMap((entry) => {
    const [, name, key] = /^([^.].*)-([0-9a-f]{16})$/.exec(entry) ?? []
    return name === undefined || key === undefined ? [] : [{ entry, name, key }]
  })
  return await Promise.all(
    found.map(async ({ entry, name, key }) => {
      const folder = join(images, entry)
      const [bytes, manifest, present] = await Promise.all([
        sizeOf(folder),
        manifestIn(folder),
        loadRecipe(name).catch(() => undefined),
      ])
      return { name, key, folder, current: present === undefined || present.key === key, bytes, manifest }
    }),
  )
}

/** Removes images, with their templates. Machines that run from them keep what they opened. */
export async function removeImages(images: readonly CachedImage[], signal: AbortSignal): Promise<void> {
  if (images.length === 0) return
  await withLock(join(imagesFolder(), '.lock'), { signal, onWait: () => {} }, async () => {
    for (const image of images) {
      await removeTemplates(image)
      await rm(image.folder, { recursive: true, force: true })
    }
  })
}

async function sizeOf(folder: string) {
  const files = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function manifestIn(folder: string) {
  try {
    return parseManifest(await readFile(join(folder, imageFiles.manifest), 'utf8'))
  } catch {
    return undefined
  }
}
