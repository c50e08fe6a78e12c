import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { z } from 'zod'
import { machineryError, messageOf, usageError } from '../errors.ts'
import { builtFiles } from './finish-image.ts'
import { checkImage, type Image } from './image.ts'
import { lockSchema, readLock } from './lock.ts'
import { type BuiltImage, builtSchema } from './manifest.ts'
import { loadRecipe } from './recipe.ts'
import { blockBytes, paddingBytes, renderTarHeader } from './tar-header.ts'

/** The first file of a saved image. */
export const savedName = 'image.json'

/** What it says. */
export const savedSchema = z.strictObject({
  format: z.literal('wirelab image 1'),
  built: builtSchema,
  /** The lock that it was built by, where there was one. */
  lock: lockSchema.optional(),
})

/**
 * Writes an image to a new file, for another host's `loadImage`: what it is, what was built, with its hashes, as a tar
 * archive by zstd. The keys of this host's machines stay here.
 * @throws WirelabError of kind usage when there is such a file, of kind machinery when the image is damaged, or the file
 * can't be written
 */
export async function saveImage(name: string, file: string, signal: AbortSignal): Promise<Image> {
  if (existsSync(file)) throw usageError(`cannot save an image as ${file}: it is there already`, 'name a new file')
  const image = await checkImage(name)
  const { ownFolder } = await loadRecipe(name)
  const lock = ownFolder === undefined ? undefined : await readLock(ownFolder)
  const unfinished = `${file}.unfinished`
  const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel } = constants
  const compress = createZstdCompress({ params: { [ZSTD_c_checksumFlag]: 1, [ZSTD_c_compressionLevel]: 3 } })
  const built: BuiltImage = builtSchema.strip().parse(image.manifest)
  const first = JSON.stringify({ format: 'wirelab image 1', built, ...(lock === undefined ? {} : { lock }) })
  try {
    await pipeline(archiveOf(image, `${first}\n`), compress, createWriteStream(unfinished), { signal })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    signal.throwIfAborted()
    throw machineryError(`cannot save an image as ${file}: ${messageOf(error)}`, undefined, error)
  }
  return image
}

async function* archiveOf({ folder, manifest }: Image, first: string): AsyncGenerator<Buffer> {
  const text = Buffer.from(first)
  yield Buffer.concat([renderTarHeader(savedName, text.length), text, Buffer.alloc(paddingBytes(text.length))])
  for (const name of builtFiles) {
    const bytes = manifest.built[name]?.bytes ?? 0
    yield renderTarHeader(name, bytes)
    // Behind what was built stand keys.
    yield* createReadStream(join(folder, name), { end: bytes - 1 })
    yield Buffer.alloc(paddingBytes(bytes))
  }
  yield Buffer.alloc(2 * blockBytes)
}
