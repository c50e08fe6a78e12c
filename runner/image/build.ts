import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError, messageOf } from '../errors.ts'
import { makeCacheFolder } from '../host/cache.ts'
import { withLock } from '../host/lock.ts'
import { makeClientKey } from './client-key.ts'
import { demandSpace, isDiskFull, neededMiB } from './disk-space.ts'
import { parseDpkgStatus } from './dpkg-status.ts'
import { type Image, imageFiles, imageFolder, imagesFolder, openImage } from './image.ts'
import { defaultImage } from './image-name.ts'
import { installSystem } from './install-system.ts'
import { type ImageManifest, renderManifest } from './manifest.ts'
import { loadRecipe, type Recipe } from './recipe.ts'
import { removeTemplates } from './remove-templates.ts'
import { seal } from './seal.ts'
import { makeStage, publishStage, removeLeftStages, removeStage, type Stage } from './stage.ts'
import { digestFile } from './verify-files.ts'

export interface BuildOptions {
  readonly signal: AbortSignal
  /** What is going on now, for people. */
  onProgress(message: string): void
}

/**
 * Builds an image unless it is there and undamaged. Of two builds at once the second waits for the first and finds its
 * image. What an earlier build left behind when it was killed is removed. `folders` is where recipes are looked for.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export async function buildImage(
  name: string = defaultImage,
  { signal, onProgress }: BuildOptions,
  folders?: readonly string[],
): Promise<{ image: Image; made: boolean }> {
  const recipe = await loadRecipe(name, folders)
  const images = imagesFolder()
  makeCacheFolder(images)
  const onWait = () => onProgress('Waiting for another build to end')
  return await withLock(join(images, '.lock'), { signal, onWait }, async () => {
    await removeLeftStages(images)
    const present = await openImage(name, folders).catch(() => undefined)
    if (present !== undefined) return { image: present, made: false }
    await demandSpace(images)
    const stage = await makeStage(images)
    try {
      await fillStage(stage, recipe, { signal, onProgress })
      await removeTemplates(recipe)
      await publishStage(stage, imageFolder(recipe))
    } catch (error) {
      throw isDiskFull(error) ? fullError(name, images, error) : error
    } finally {
      await removeStage(stage.folder).catch((error: unknown) =>
        onProgress(`Cannot remove ${stage.folder}: ${messageOf(error)}`),
      )
    }
    return { image: await openImage(name, folders), made: true }
  })
}

/** Installs the packages and leaves the finished image in the stage. */
async function fillStage(stage: Stage, recipe: Recipe, { signal, onProgress }: BuildOptions) {
  const { output, image } = stage
  const log = join(stage.folder, '../build.log')
  const key = makeClientKey()
  await writeFile(join(output, 'client-key.pub'), key.publicText)

  await installSystem(stage, recipe, { signal, log, onProgress })
  await rm(log, { force: true })

  onProgress('Writing the manifest')
  for (const file of [imageFiles.kernel, imageFiles.initrd, imageFiles.root]) {
    await rename(join(output, file), join(image, file))
    await chmod(join(image, file), 0o600)
  }
  await writeFile(join(image, imageFiles.clientKey), key.privateText, { mode: 0o600 })
  const manifest = join(image, imageFiles.manifest)
  const text = renderManifest(await describe(recipe, image, output))
  await writeFile(manifest, text, { mode: 0o600 })
  await seal(manifest, text)
}

async function describe(recipe: Recipe, image: string, output: string): Promise<ImageManifest> {
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
    kernel: {
      release: await text('kernel-release'),
      commandLine: recipe.kernelCommandLine,
      modules: (await text('modules')).split('\n'),
    },
    hostKey,
    files: Object.fromEntries(files),
    packages: parseDpkgStatus(await text('dpkg-status')),
    commands: (await text('commands')).split('\n'),
  }
}

const fullError = (name: string, folder: string, cause: unknown) =>
  machineryError(
    `cannot build image ${name}: the disk of ${folder} is full`,
    `It takes ${neededMiB} MiB. Free some space, or point XDG_CACHE_HOME to a folder that has it.`,
    cause,
  )
