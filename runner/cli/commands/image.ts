import { resolve } from 'node:path'
import { exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { boxAddLine, makeBox } from '../../image/box.ts'
import { buildImage, lockFor, updateImage } from '../../image/build.ts'
import { compareImages } from '../../image/compare-images.ts'
import { checkImage, type Image, type ImageManifest, imageFiles, openImage } from '../../image/image.ts'
import { defaultImage } from '../../image/image-name.ts'
import type { StageOptions } from '../../image/in-stage.ts'
import { listImages, removeImages } from '../../image/list-images.ts'
import { loadImage } from '../../image/load-image.ts'
import { differencesFrom, renderDifferences } from '../../image/lock.ts'
import { loadRecipe } from '../../image/recipe.ts'
import { saveImage } from '../../image/save-image.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'
import { showProgress } from '../show-progress.ts'

const help = `Builds and looks after the images that machines boot.

${[
  ['build [NAME]', `builds an image unless it is there; NAME is ${defaultImage} if left out`],
  ['update [NAME]', 'builds it of the newest packages, and locks them in image.lock beside its recipe'],
  ['list', 'lists the images in the cache; "outdated" are those of a former recipe'],
  ['check [NAME]', 'reads an image whole, and compares it with its manifest'],
  ['compare A B', 'tells what differs in two images; A and B are names, or folders of images'],
  ['save FILE [NAME]', 'writes an image to a file, for hosts without a network'],
  ['load FILE', 'takes an image from such a file'],
  ['remove [NAME]', 'removes an image, and the templates that were made of it'],
  ['remove -- --outdated', 'removes only what the present recipes do not ask for'],
  ['box [NAME]', 'makes a Vagrant box of an image, for libvirt, and says how to add it'],
]
  .map(([words, does]) => `  ${ownCommand(`image ${words}`).padEnd(38)} ${does}`)
  .join('\n')}

Recipes stand in images/. A build takes the packages that image.lock names, where that stands beside a recipe; what the
mirror has no more comes from Debian's snapshot archive. Exit codes: 0 done, 1 the images that are compared differ, 2 the
command line is wrong, 3 an image is absent or damaged, or cannot be built.
`

/** Its options, as parseArgs takes them. */
export const options = { outdated: { type: 'boolean' } } as const

/** `npm run lab image ...`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const [action = '', ...words] = positionals
  const run = actions[action]
  const { least, most } = wordsOf[action] ?? { least: 0, most: 1 }
  const isMiscounted = words.length < least || words.length > most
  if (run === undefined || isMiscounted || (values.outdated === true && action !== 'remove'))
    throw usageError(`cannot do "image ${positionals.join(' ')}"`, help)
  const [name = defaultImage] = words
  if (wordsOf[action] === undefined) await loadRecipe(name)
  return await run(name, context, { outdated: values.outdated ?? false, other: words[1] ?? defaultImage })
}

/** How many words an action takes that takes other words than a name. */
const wordsOf: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  compare: { least: 2, most: 2 },
  save: { least: 1, most: 2 },
  load: { least: 1, most: 1 },
}

interface More {
  readonly outdated: boolean
  /** The second word. */
  readonly other: string
}

type Action = (name: string, context: CommandContext, more: More) => Promise<number>

const build: Action = async (name, context) => {
  await demandUserNamespace(context.signal)
  return await withProgress(context, async (options, print) => {
    const { image, made } = await buildImage(name, options)
    print(`${made ? 'Built' : 'There already is'} ${image.folder}`)
  })
}

const update: Action = async (name, context) => {
  await demandUserNamespace(context.signal)
  return await withProgress(context, async (options, print) => {
    const { image, lock, former } = await updateImage(name, options)
    print(`Built ${image.folder}, and locked its ${Object.keys(lock.packages).length} packages`)
    const differences = former === undefined ? [] : differencesFrom(former, image.manifest.packages)
    if (differences.length > 0) print(`What is new: ${renderDifferences(differences)}`)
  })
}

const compare: Action = async (a, { stdout, signal }, { other: b }) => {
  const folders = await Promise.all(
    [a, b].map(async (one) => (one.includes('/') ? resolve(one) : (await openImage(one)).folder)),
  )
  const [one = '', other = ''] = folders
  const lines = await compareImages(one, other, signal)
  stdout.write(lines.length === 0 ? 'Both are the same, to the bit, but for their keys.\n' : `${lines.join('\n')}\n`)
  return lines.length === 0 ? exitCodes.passed : exitCodes.failed
}

const save: Action = async (file, context, { other: name }) => {
  await loadRecipe(name)
  return await withProgress(context, async ({ signal, onProgress }, print) => {
    onProgress(`Writing ${file}`)
    const image = await saveImage(name, resolve(file), signal)
    print(`Saved ${name} as ${file}. SHA-256 of its root: ${rootHash(image)}`)
  })
}

const load: Action = (file, context) =>
  withProgress(context, async (options, print) => {
    const { image, made } = await loadImage(resolve(file), options)
    print(`${made ? 'Loaded' : 'There already is'} ${image.folder}. SHA-256 of its root: ${rootHash(image)}`)
  })

const rootHash = ({ manifest }: Image) => manifest.built[imageFiles.root]?.sha256

async function withProgress(
  { stdout, interactive, signal }: CommandContext,
  act: (options: StageOptions, print: (line: string) => void) => Promise<void>,
): Promise<number> {
  const progress = showProgress(stdout, interactive)
  try {
    await act({ signal, onProgress: progress.update }, progress.print)
  } finally {
    progress.end()
  }
  return exitCodes.passed
}

const box: Action = async (name, context) => {
  const image = await openImage(name)
  return await withProgress(context, async (options, print) => {
    await makeBox(image, options)
    print(boxAddLine(image))
  })
}

const list: Action = async (_name, { stdout }) => {
  const images = await listImages()
  if (images.length === 0) stdout.write(`There is no image in the cache. To build it: ${ownCommand('setup')}\n`)
  for (const { name, folder, current, bytes, manifest } of images) {
    const facts =
      manifest === undefined
        ? ['damaged: no manifest']
        : [
            `built ${manifest.builtAt.slice(0, 16).replace('T', ' ')} UTC`,
            `kernel ${manifest.kernel.release}`,
            `${Object.keys(manifest.packages).length} packages`,
            `${Math.round(bytes / 1024 ** 2)} MiB`,
            ...(current ? await differenceFromLock(name, manifest.packages) : []),
          ]
    stdout.write(`${name}${current ? '' : ' (outdated)'}  ${facts.join(', ')}\n  ${folder}\n`)
  }
  return exitCodes.passed
}

async function differenceFromLock(name: string, packages: ImageManifest['packages']): Promise<string[]> {
  const lock = await lockFor(await loadRecipe(name))
  const count = lock === undefined ? 0 : differencesFrom(lock, packages).length
  return count === 0 ? [] : [`${count} not as its lock says`]
}

const check: Action = async (name, { stdout }) => {
  const { folder, manifest } = await checkImage(name)
  stdout.write(`${name} is whole: ${Object.keys(manifest.files).length} files as its manifest says, in ${folder}\n`)
  return exitCodes.passed
}

const remove: Action = async (name, { stdout, signal }, { outdated }) => {
  const images = (await listImages()).filter((image) => (outdated ? !image.current : image.name === name))
  await removeImages(images, signal)
  for (const { folder } of images) stdout.write(`Removed ${folder}\n`)
  if (images.length === 0) stdout.write('There was nothing to remove.\n')
  return exitCodes.passed
}

const actions: Record<string, Action> = { build, update, box, list, check, compare, save, load, remove }
