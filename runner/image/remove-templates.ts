import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../host/cache.ts'
import { cacheName, type Image } from './image.ts'

/**
 * Removes the templates of an image, which fit only the very files that they were booted from. Those of other recipes
 * stay, for another checkout may be using them. Machines that were copied from them run on.
 */
export async function removeTemplates(image: Pick<Image, 'name' | 'key'>): Promise<void> {
  const templates = join(cacheFolder(), 'templates')
  for (const entry of await readdir(templates).catch(() => [])) {
    if (entry.startsWith(`${cacheName(image)}-`)) await rm(join(templates, entry), { recursive: true, force: true })
  }
}
