import { cpSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cacheFolder } from '../../host/cache.ts'
import { openImage } from '../../image/image.ts'

/** Copies the usual image to another cache, and nothing that somebody builds meanwhile. Returns its folder's name. */
export async function copyImage(to: string): Promise<string> {
  const { folder } = await openImage()
  copy(folder, join(to, 'images', basename(folder)))
  return basename(folder)
}

/** Copies the usual image, and of its templates the one that was used last. */
export async function copyCache(to: string): Promise<void> {
  const image = await copyImage(to)
  const templates = join(cacheFolder(), 'templates')
  const usedMs = (name: string) => statSync(join(templates, name)).mtimeMs
  const [last] = readdirSync(templates)
    .filter((name) => name.startsWith(`${image}-`))
    .toSorted((left, right) => usedMs(right) - usedMs(left))
  if (last !== undefined) copy(join(templates, last), join(to, 'templates', last))
}

const copy = (from: string, to: string) => cpSync(from, to, { recursive: true, preserveTimestamps: true })
