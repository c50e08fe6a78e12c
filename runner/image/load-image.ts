import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createZstdDecompress } from 'node:zlib'
import type { z } from 'zod'
import { machineryError, messageOf, WirelabError } from '../errors.ts'
import { builtFiles, finishImage } from './finish-image.ts'
import { type Image, imageFolder, openImage } from './image.ts'
import { alone, inStage, type StageOptions } from './in-stage.ts'
import { loadRecipe, type Recipe } from './recipe.ts'
import { removeTemplates } from './remove-templates.ts'
import { savedName, savedSchema } from './save-image.ts'
import { publishStage } from './stage.ts'
import { blockBytes, paddingBytes, renderTarHeader } from './tar-header.ts'
import { verifyFiles } from './verify-files.ts'

/**
 * Puts an image that `saveImage` wrote into the cache, with keys of its own, unless the same is there. Nothing of the
 * file is the name of a file here.
 * @throws WirelabError of kind machinery when the file is damaged, is no saved image or one of another recipe; of kind
 * usage when there is no recipe for it
 */
export async function loadImage(file: string, options: StageOptions): Promise<{ image: Image; made: boolean }> {
  const { signal, onProgress } = options
  const source = createReadStream(file, { highWaterMark: 1 << 20 })
  const plain = createZstdDecompress()
  source.on('error', (error) => plain.destroy(error))
  source.pipe(plain)
  const reader = readerOf(plain, signal)
  const read = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof WirelabError ? error : unusable(file, messageOf(error), error)
    }
  }
  try {
    onProgress('Reading what it is')
    const { built, lock } = await read(() => readFirst(reader))
    const recipe = await loadRecipe(built.image)
    demandSameRecipe(file, recipe, built, lock?.date)
    return await alone(options, async (images) => {
      const present = await openImage(recipe.name).catch(() => undefined)
      if (isDeepStrictEqual(present?.manifest.built, built.built) && present) return { image: present, made: false }
      await inStage(recipe.name, images, options, async (stage) => {
        onProgress('Unpacking the image')
        await read(() => unpack(reader, built.built, stage.image))
        const [damaged] = await verifyFiles(stage.image, built.built, 'full')
        if (damaged) throw unusable(file, `${damaged.name} in it is damaged: ${damaged.problem}`)
        await finishImage(stage.image, built)
        await removeTemplates(recipe)
        await publishStage(stage, imageFolder(recipe))
      })
      return { image: await openImage(recipe.name), made: true }
    })
  } finally {
    plain.destroy()
    source.destroy()
  }
}

type Saved = z.infer<typeof savedSchema>

/** What the first file may have at most. */
const mostBytes = 4 << 20

async function readFirst(reader: Reader): Promise<Saved> {
  const header = await reader.take(blockBytes)
  const bytes = Number.parseInt(header.toString('latin1', 124, 135), 8)
  if (!(bytes <= mostBytes) || !header.equals(renderTarHeader(savedName, bytes))) throw new Error('it is none')
  const text = (await reader.take(bytes + paddingBytes(bytes))).toString('utf8', 0, bytes)
  const saved = savedSchema.safeParse(JSON.parse(text))
  const names = Object.keys(saved.data?.built.built ?? {})
  if (!saved.success || !isDeepStrictEqual(names, [...builtFiles]))
    throw new Error('what it says of itself is not known here')
  return saved.data
}

function demandSameRecipe(file: string, recipe: Recipe, built: Saved['built'], date = 'no date'): void {
  const asked = [recipe.key, recipe.suite, recipe.kernelCommandLine]
  if (isDeepStrictEqual([built.key, built.suite, built.kernel.commandLine], asked)) return
  throw machineryError(
    `cannot load ${file}: it is image ${built.image} of another recipe (${built.key}, locked ${date.slice(0, 10)}), ` +
      `and here that is ${recipe.key}`,
    'Save it with the same version of wirelab, of the same recipe and lock, as here.',
  )
}

/** Writes the files that were built into a folder. */
async function unpack(reader: Reader, built: Saved['built']['built'], folder: string): Promise<void> {
  for (const name of builtFiles) {
    const bytes = built[name]?.bytes ?? 0
    if (!(await reader.take(blockBytes)).equals(renderTarHeader(name, bytes)))
      throw new Error(`${name} is not in its place`)
    const target = await open(join(folder, name), 'wx', 0o600)
    try {
      await reader.each(bytes, (chunk) => target.writeFile(chunk))
    } finally {
      await target.close()
    }
    await reader.take(paddingBytes(bytes))
  }
  await reader.take(2 * blockBytes)
  await reader.demandEnd()
}

interface Reader {
  /** The next bytes, as many as asked for. @throws Error when there are fewer */
  take(bytes: number): Promise<Buffer>
  /** Gives the next bytes away, piece by piece. @throws Error when there are fewer */
  each(bytes: number, use: (chunk: Buffer) => Promise<void>): Promise<void>
  /** @throws Error when there is more */
  demandEnd(): Promise<void>
}

function readerOf(source: AsyncIterable<Buffer>, signal: AbortSignal): Reader {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const fill = async () => {
    signal.throwIfAborted()
    const { done, value } = await chunks.next()
    if (done) return false
    held = value
    return true
  }
  const each: Reader['each'] = async (bytes, use) => {
    for (let left = bytes; left > 0; ) {
      if (held.length === 0 && !(await fill())) throw new Error('it ends too early')
      const chunk = held.subarray(0, left)
      held = held.subarray(chunk.length)
      left -= chunk.length
      await use(chunk)
    }
  }
  return {
    each,
    async take(bytes) {
      const taken: Buffer[] = []
      await each(bytes, async (chunk) => void taken.push(chunk))
      return Buffer.concat(taken)
    },
    async demandEnd() {
      if (held.length > 0 || (await fill())) throw new Error('there is more behind its end')
    },
  }
}

const unusable = (file: string, problem: string, cause?: unknown) =>
  machineryError(`cannot load ${file} as an image: ${problem}`, 'Copy the file again, or save the image anew.', cause)
