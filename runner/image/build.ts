import { access, constants, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, machineryError, messageOf, usageError } from '../errors.ts'
import { tryHostCommand } from '../host/host-command.ts'
import { parseAptShow, parseDpkgStatus } from './dpkg-status.ts'
import { builtFiles, finishImage } from './finish-image.ts'
import { type Image, imageFolder, openImage } from './image.ts'
import { defaultImage } from './image-name.ts'
import { alone, inStage, type StageOptions } from './in-stage.ts'
import { installSystem } from './install-system.ts'
import { differencesFrom, type Lock, readLock, renderDifferences, writeLock } from './lock.ts'
import type { BuiltImage } from './manifest.ts'
import { loadRecipe, type Recipe } from './recipe.ts'
import { removeTemplates } from './remove-templates.ts'
import { publishStage, type Stage } from './stage.ts'
import { digestFile } from './verify-files.ts'

/** The host's, as dpkg calls it. A lock of another one says nothing of an image here. */
const architecture = process.arch === 'x64' ? 'amd64' : process.arch

export interface BuildOptions extends StageOptions {
  /**
   * What becomes of a recipe's lock when Debian has not all of it any more: the build fails, or the newest packages
   * take their place and what differs is told. Default: fail.
   */
  readonly unmetLock?: 'fail' | 'give way'
  /** What the caller should know of the image that came out. */
  onRemark?(message: string): void
}

/**
 * Builds an image unless it is there and undamaged: of the packages that its lock names, where it has one. Of two builds
 * at once the second waits for the first and finds its image. What an earlier build left behind when it was killed is
 * removed. `folders` is where recipes are looked for.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export async function buildImage(
  name: string = defaultImage,
  options: BuildOptions,
  folders?: readonly string[],
): Promise<{ image: Image; made: boolean }> {
  const recipe = await loadRecipe(name, folders)
  return await alone(options, async (images) => {
    const present = await openImage(name, folders).catch(() => undefined)
    const lock = await lockFor(recipe)
    // One that was built when its lock gave way is no image for who wants what is locked.
    const isAsLocked = lock === undefined || differencesFrom(lock, present?.manifest.packages ?? {}).length === 0
    if (present !== undefined && (isAsLocked || options.unmetLock === 'give way'))
      return { image: present, made: false }
    await inStage(name, images, options, async (stage) => {
      await installLocked(stage, recipe, lock, options)
      await publish(stage, recipe)
    })
    return { image: await openImage(name, folders), made: true }
  })
}

/**
 * Builds an image of the newest packages, and writes the lock that names them beside the recipe. Returns what it was
 * before, too.
 * @throws WirelabError of kind usage for a layer, of kind machinery, or the signal's reason
 */
export async function updateImage(
  name: string,
  options: BuildOptions,
): Promise<{ image: Image; lock: Lock; former: Lock | undefined }> {
  const recipe = await loadRecipe(name)
  const folder = recipe.ownFolder
  if (folder === undefined)
    throw usageError(`cannot lock image ${name}: it has packages added`, 'Lock a recipe that names them.')
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw machineryError(
      `cannot lock image ${name}: ${messageOf(error)}`,
      'Copy its recipe to images/NAME in a folder of your own, and lock that.',
      error,
    )
  })
  const former = await readLock(folder).catch(() => undefined)
  return await alone(options, async (images) => {
    const lock = await inStage(name, images, options, async (stage) => {
      await installSystem(stage, recipe, { ...options, log: logOf(stage) })
      const packages = parseAptShow(await readFile(join(stage.output, 'installed'), 'utf8'))
      const date = new Date().toISOString()
      const made = { suite: recipe.suite, date, architecture, packages }
      await writeLock(folder, made)
      // An image's key is made of its lock, too.
      await publish(stage, await loadRecipe(name))
      return made
    })
    return { image: await openImage(name), lock, former }
  })
}

/** The lock that a recipe has for images of this host's architecture. */
export async function lockFor({ ownFolder }: Pick<Recipe, 'ownFolder'>): Promise<Lock | undefined> {
  const lock = ownFolder === undefined ? undefined : await readLock(ownFolder)
  return lock?.architecture === architecture ? lock : undefined
}

/** Installs the packages of the lock, or the newest where that can't be and may give way. */
async function installLocked(stage: Stage, recipe: Recipe, lock: Lock | undefined, options: BuildOptions) {
  const install = { ...options, log: logOf(stage) }
  try {
    return await installSystem(stage, recipe, { ...install, lock })
  } catch (error) {
    if (lock === undefined || options.unmetLock !== 'give way' || !hasCode(error, 'lock-unmet')) throw error
    await installSystem(stage, recipe, install)
    const differences = differencesFrom(
      lock,
      parseDpkgStatus(await readFile(join(stage.output, 'dpkg-status'), 'utf8')),
    )
    options.onRemark?.(`${error.message}. Built with ${renderDifferences(differences)}. ${error.remedy}`)
  }
}

const logOf = ({ folder }: Stage) => join(folder, '../build.log')

/** Makes an image of what was installed, and puts it to its place. */
async function publish(stage: Stage, recipe: Recipe): Promise<void> {
  const { output, image } = stage
  await rm(logOf(stage), { force: true })
  for (const file of builtFiles) await rename(join(output, file), join(image, file))
  await finishImage(image, await describe(recipe, image, output))
  await removeTemplates(recipe)
  await publishStage(stage, imageFolder(recipe))
}

async function describe(recipe: Recipe, image: string, output: string): Promise<BuiltImage> {
  const text = async (file: string) => (await readFile(join(output, file), 'utf8')).trim()
  const built: [string, BuiltImage['built'][string]][] = []
  for (const file of builtFiles) built.push([file, await digestFile(join(image, file))])
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
    built: Object.fromEntries(built),
    packages: parseDpkgStatus(await text('dpkg-status')),
    commands: (await text('commands')).split('\n'),
    tools: { mmdebstrap: await versionOf('mmdebstrap'), 'mkfs.erofs': await versionOf('mkfs.erofs') },
  }
}

/** What a program says of its version, in digits and dots; nothing when it says none. */
async function versionOf(program: 'mmdebstrap' | 'mkfs.erofs'): Promise<string> {
  const told = await tryHostCommand([program, program === 'mmdebstrap' ? '--version' : '-V']).catch(() => undefined)
  return /\d+(\.\d+)+/.exec(`${told?.stdout}${told?.stderr}`)?.[0] ?? ''
}
