import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { machineryError, messageOf } from '../errors.ts'
import { cacheFolder } from '../host/cache.ts'
import { ownCommand } from '../host/own-command.ts'
import { defaultImage } from './image-name.ts'
import { type ImageManifest, parseManifest } from './manifest.ts'
import { loadRecipe, type Recipe } from './recipe.ts'
import { sealProblem } from './seal.ts'
import { type VerifyDepth, verifyFiles } from './verify-files.ts'

export type { ImageManifest } from './manifest.ts'

/** What machines boot, as it lies in the cache. */
export interface Image {
  readonly name: string
  /** Holds the files below. */
  readonly folder: string
  /** 16 hexadecimal digits: a hash of the recipe and all else that shapes the image. */
  readonly key: string
  readonly kernel: string
  readonly initrd: string
  /** An erofs file system, without partitions. */
  readonly root: string
  /** An unencrypted Ed25519 key in OpenSSH's format that logs in as root; mode 0600. */
  readonly clientKey: string
  /** Base64 of the machines' public Ed25519 host key in SSH's wire format. */
  readonly hostKey: string
  readonly manifest: ImageManifest
}

/** Words on the kernel command line of each machine: whoever starts a program that a fatal signal ends, its log has it. */
export const kernelWords = 'print-fatal-signals=1'

/** The word on the kernel command line that makes a machine only print `probeMarker` and power off. */
export const probeWord = 'wirelab.probe'

/** What a machine with `probeWord` prints on its console, after the kernel has run its first process. */
export const probeMarker = 'wirelab: probe alive'

/** File names in an image's folder. */
export const imageFiles = {
  kernel: 'vmlinuz',
  initrd: 'initrd',
  root: 'root.erofs',
  clientKey: 'client-key',
  manifest: 'manifest.json',
} as const

/** Of a name with many packages the beginning does: its key tells an image from all others. */
const longestName = 80

/** The beginning of the names of what is made of an image: itself, and its templates. */
export const cacheName = ({ name, key }: Pick<Image, 'name' | 'key'>): string => `${name.slice(0, longestName)}-${key}`

/** The folder of an image. */
export const imageFolder = (image: Pick<Image, 'name' | 'key'>): string => join(imagesFolder(), cacheName(image))

/** Where all images lie. */
export const imagesFolder = (): string => join(cacheFolder(), 'images')

/**
 * Finds a built image, whose recipe is looked for in `folders`. Files that have changed since they were last verified are read whole and compared again.
 * @throws WirelabError of kind machinery when the image is absent or damaged, of kind usage when it has no recipe
 */
export const openImage = async (name: string = defaultImage, folders?: readonly string[]): Promise<Image> =>
  openFolder(await loadRecipe(name, folders), 'quick')

/** As `openImage`, and reads all files whole. */
export const checkImage = async (name: string = defaultImage): Promise<Image> =>
  openFolder(await loadRecipe(name), 'full')

async function openFolder(recipe: Recipe, depth: VerifyDepth): Promise<Image> {
  const { name, key } = recipe
  const folder = imageFolder(recipe)
  const manifest = await readManifest(recipe, folder)
  const damaged = await verifyFiles(folder, manifest.files, depth)
  if (damaged.length > 0) {
    const list = damaged.map(({ name: file, problem }) => `${join(folder, file)} is damaged: ${problem}`).join('; ')
    throw unusable(
      name,
      list,
      damaged.map((file) => file.name),
    )
  }
  await closeKey(name, join(folder, imageFiles.clientKey))
  return {
    name,
    folder,
    key,
    kernel: join(folder, imageFiles.kernel),
    initrd: join(folder, imageFiles.initrd),
    root: join(folder, imageFiles.root),
    clientKey: join(folder, imageFiles.clientKey),
    hostKey: manifest.hostKey,
    manifest,
  }
}

async function readManifest({ name, key, suite, kernelCommandLine }: Recipe, folder: string) {
  const path = join(folder, imageFiles.manifest)
  const damaged = (problem: string, cause?: unknown) =>
    unusable(name, `${path} is damaged: ${problem}`, [imageFiles.manifest], cause)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw notYours(name, folder, error)
    throw unusable(name, `it is not built (no ${path})`, [], error)
  })
  const problem = await sealProblem(path, text)
  if (problem !== undefined) throw damaged(problem)
  let manifest: ImageManifest
  try {
    manifest = parseManifest(text)
  } catch (error) {
    throw damaged(messageOf(error), error)
  }
  const asked = [name, key, suite, kernelCommandLine]
  const told = [manifest.image, manifest.key, manifest.suite, manifest.kernel.commandLine]
  if (!isDeepStrictEqual(told, asked)) throw damaged('it is of another recipe')
  return manifest
}

/** The private key is for its owner's eyes alone. One that others can read is closed again. */
async function closeKey(name: string, path: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & 0o077) === 0) return
  await chmod(path, 0o600).catch((error: unknown) => {
    throw machineryError(
      `cannot use image ${name}: other users can read ${path}, and that cannot be changed: ${messageOf(error)}`,
      `chmod 600 ${path}, as its owner`,
      error,
    )
  })
}

const notYours = (image: string, folder: string, cause: unknown) =>
  machineryError(
    `cannot use image ${image}: ${folder} is another user's, and so is the key that logs in to its machines`,
    `Point XDG_CACHE_HOME to a folder of your own, and run: ${ownCommand('setup')}`,
    cause,
    { code: 'image-unusable', detail: { image, damaged: [] } },
  )

const unusable = (image: string, problem: string, damaged: readonly string[], cause?: unknown) =>
  machineryError(`cannot use image ${image}: ${problem}`, `Run: ${ownCommand('setup')}`, cause, {
    code: 'image-unusable',
    detail: { image, damaged },
  })
