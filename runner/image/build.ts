import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError, messageOf, WirelabError } from '../errors.ts'
import { runAsRoot } from '../host/run-as-root.ts'
import { withLock } from './build-lock.ts'
import { makeClientKey } from './client-key.ts'
import { demandSpace, isFull } from './disk-space.ts'
import { parseDpkgStatus } from './dpkg-status.ts'
import { type Image, imageFiles, imagesFolder, openImage } from './image.ts'
import { type ImageManifest, renderManifest } from './manifest.ts'
import { hostMirrors } from './mirrors.ts'
import { defaultImage, loadRecipe, type Recipe } from './recipe.ts'
import { makeStage, publishStage, removeLeftStages, removeStage, type Stage } from './stage.ts'
import { digestFile } from './verify-files.ts'

export interface BuildOptions {
  readonly signal: AbortSignal
  /** What is going on now, for people. */
  onProgress(message: string): void
}

const timeoutMs = 30 * 60_000

/**
 * Builds an image unless it is there and undamaged. Of two builds at once the second waits for the first and finds its
 * image. What an earlier build left behind when it was killed is removed.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export const buildImage = async (
  name: string = defaultImage,
  { signal, onProgress }: BuildOptions,
): Promise<{ image: Image; made: boolean }> => {
  const recipe = await loadRecipe(name)
  const images = imagesFolder()
  await mkdir(images, { recursive: true }).catch((error: unknown) => {
    const remedy = 'Point XDG_CACHE_HOME to a folder that you can write to.'
    throw machineryError(`cannot make the folder ${images}: ${messageOf(error)}`, remedy, error)
  })
  const onWait = () => onProgress('Waiting for another build to end')
  return await withLock(join(images, '.lock'), { signal, onWait }, async () => {
    await removeLeftStages(images)
    const present = await openImage(name).catch(() => undefined)
    if (present !== undefined) return { image: present, made: false }
    await demandSpace(images)
    const stage = await makeStage(images)
    try {
      await fillStage(stage, recipe, { signal, onProgress })
      await publishStage(stage, join(images, `${name}-${recipe.key}`))
    } catch (error) {
      throw (await isFull(images, error)) ? fullError(name, images, error) : error
    } finally {
      await removeStage(stage.folder).catch((error: unknown) =>
        onProgress(`Cannot remove ${stage.folder}: ${messageOf(error)}`),
      )
    }
    return { image: await openImage(name), made: true }
  })
}

/** Installs the packages and leaves the finished image in the stage. */
const fillStage = async (stage: Stage, recipe: Recipe, { signal, onProgress }: BuildOptions) => {
  const { output, image } = stage
  const key = makeClientKey()
  await writeFile(join(output, 'client-key.pub'), key.publicText)

  onProgress('Finding the packages')
  const mirrors = await hostMirrors(recipe.suite, signal)
  await runAsRoot([...mmdebstrap(recipe), ...mirrors], {
    signal,
    timeoutMs,
    environment: {
      TMPDIR: stage.temporary,
      INITRD: 'No', // tells initramfs-tools to make none
      WIRELAB_RECIPE: recipe.folder,
      WIRELAB_OUTPUT: output,
      WIRELAB_SERVICES: recipe.services.join(' '),
      WIRELAB_MASKED: recipe.masked.join(' '),
      WIRELAB_INITRD_MODULES: recipe.initrdModules.join(' '),
    },
    onLine: (line) => {
      const progress = progressOf(line)
      if (progress !== undefined) onProgress(progress)
    },
  })

  onProgress('Writing the manifest')
  for (const file of [imageFiles.kernel, imageFiles.initrd, imageFiles.root]) {
    await rename(join(output, file), join(image, file))
    await chmod(join(image, file), 0o600)
  }
  await writeFile(join(image, imageFiles.clientKey), key.privateText, { mode: 0o600 })
  await writeFile(join(image, imageFiles.manifest), renderManifest(await describe(recipe, image, output)))
}

const mmdebstrap = (recipe: Recipe): [string, ...string[]] => [
  'mmdebstrap',
  '--mode=root',
  '--variant=apt',
  '--format=null',
  `--include=${recipe.packages.join(',')}`,
  '--aptopt=Acquire::Retries "3"',
  ...['locale', 'man', 'info', 'doc', 'lintian'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=force-unsafe-io',
  `--customize-hook=sh "$WIRELAB_RECIPE/customize.sh" "$1"`,
  recipe.suite,
  '-',
]

/** mmdebstrap marks what it does with "I:". */
const progressOf = (line: string) => {
  const words = /^I: (running apt-get update|downloading|extracting|installing|running --customize-hook)(.*?)(\.\.\.)?$/
  const [, verb = '', rest = ''] = words.exec(line) ?? []
  if (verb === '') return undefined
  if (verb.includes('customize')) return 'Writing the file system'
  const text = verb.startsWith('running') ? 'reading the lists of packages' : `${verb}${rest}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

const describe = async (recipe: Recipe, image: string, output: string): Promise<ImageManifest> => {
  const text = async (file: string) => (await readFile(join(output, file), 'utf8')).trim()
  const files: [string, ImageManifest['files'][string]][] = []
  for (const file of [imageFiles.kernel, imageFiles.initrd, imageFiles.root, imageFiles.clientKey]) {
    files.push([file, await digestFile(join(image, file))])
  }
  const [, hostKey] = (await text('host-key.pub')).split(' ')
  if (hostKey === undefined) throw machineryError(`cannot build image ${recipe.name}: it got no SSH host key`)
  return {
    image: recipe.name,
    key: recipe.key,
    suite: recipe.suite,
    builtAt: new Date().toISOString(),
    kernel: { release: await text('kernel-release'), commandLine: recipe.kernelCommandLine },
    hostKey,
    files: Object.fromEntries(files),
    packages: parseDpkgStatus(await text('dpkg-status')),
  }
}

const fullError = (name: string, folder: string, cause: unknown) =>
  cause instanceof WirelabError
    ? machineryError(
        `cannot build image ${name}: the disk of ${folder} is full`,
        'Free some space and try again.',
        cause,
      )
    : cause
