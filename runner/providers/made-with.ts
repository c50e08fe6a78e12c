import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Surroundings } from '../events.ts'
import type { Image } from '../image/image.ts'
import type { ReadyProvider } from './ready-provider.ts'

/** This version of wirelab. */
export const wirelabVersion: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version

/** What a run is made with; of several images each is named. */
export function surroundingsOf(images: readonly Image[], { name, madeWith }: ReadyProvider): Surroundings {
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  return {
    wirelab: wirelabVersion,
    provider: name,
    ...madeWith,
    image: images.map((image) => `${image.name} ${image.key}`).join(', '),
    kernel: [...new Set(images.map(({ manifest }) => manifest.kernel.release))].join(', '),
    host: `Linux ${release()} ${arch()}, ${cpus().length} processors, ${memoryGiB} GiB`,
    node: process.version,
  }
}
