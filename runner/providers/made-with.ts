import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Surroundings } from '../events.ts'
import type { Image } from '../image/image.ts'

/** This version of wirelab. */
export const wirelabVersion: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version

/** What a run is made with. */
export function surroundingsOf(image: Image, provider: string, accelerator: string, qemu: string): Surroundings {
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  return {
    wirelab: wirelabVersion,
    provider,
    accelerator,
    qemu,
    image: `${image.name} ${image.key}`,
    kernel: image.manifest.kernel.release,
    host: `Linux ${release()} ${arch()}, ${cpus().length} processors, ${memoryGiB} GiB`,
    node: process.version,
  }
}
