import { exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { demandUserNamespace } from '../../host/user-namespace.ts'
import { boxAddLine, makeBox } from '../../image/box.ts'
import { buildImage } from '../../image/build.ts'
import { checkImage, openImage } from '../../image/image.ts'
import { defaultImage } from '../../image/image-name.ts'
import { listImages, removeImages } from '../../image/list-images.ts'
import { loadRecipe } from '../../image/recipe.ts'
import type { CommandContext } from '../command.ts'
import { readArguments } from '../options.ts'
import { showProgress } from '../show-progress.ts'

const help = `Builds and looks after the images that machines boot.

${[
  ['build [NAME]', `builds an image unless it is there; NAME is ${defaultImage} if left out`],
  ['list', 'lists the images in the cache; "outdated" are those of a former recipe'],
  ['check [NAME]', 'reads an image whole, and compares it with its manifest'],
  ['remove [NAME]', 'removes an image, and the templates that were made of it'],
  ['remove -- --outdated', 'removes only what the present recipes do not ask for'],
  ['box [NAME]', 'makes a Vagrant box of an image, for libvirt, and says how to add it'],
]
  .map(([words, does]) => `  ${ownCommand(`image ${words}`).padEnd(38)} ${does}`)
  .join('\n')}

Recipes stand in images/. Exit codes: 0 done, 2 the command line is wrong, 3 the image is absent or damaged, or cannot
be built.
`

/** Its options, as parseArgs takes them. */
export const options = { outdated: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

/** `npm run lab image ...`. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    context.stdout.write(help)
    return exitCodes.passed
  }
  const [action, name = defaultImage, ...rest] = positionals
  const run = actions[action ?? '']
  if (run === undefined || rest.length > 0 || (values.outdated === true && action !== 'remove'))
    throw usageError(`cannot do "image ${args.join(' ')}"`, help)
  await loadRecipe(name)
  return await run(name, context, values.outdated ?? false)
}

type Action = (name: string, context: CommandContext, outdated: boolean) => Promise<number>

const build: Action = async (name, { stdout, interactive, signal }) => {
  await demandUserNamespace(signal)
  const progress = showProgress(stdout, interactive)
  try {
    const { image, made } = await buildImage(name, { signal, onProgress: progress.update })
    progress.print(`${made ? 'Built' : 'There already is'} ${image.folder}`)
  } finally {
    progress.end()
  }
  return exitCodes.passed
}

const box: Action = async (name, { stdout, interactive, signal }) => {
  const image = await openImage(name)
  const progress = showProgress(stdout, interactive)
  try {
    await makeBox(image, { signal, onProgress: progress.update })
  } finally {
    progress.end()
  }
  stdout.write(`${boxAddLine(image)}\n`)
  return exitCodes.passed
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
          ]
    stdout.write(`${name}${current ? '' : ' (outdated)'}  ${facts.join(', ')}\n  ${folder}\n`)
  }
  return exitCodes.passed
}

const check: Action = async (name, { stdout }) => {
  const { folder, manifest } = await checkImage(name)
  stdout.write(`${name} is whole: ${Object.keys(manifest.files).length} files as its manifest says, in ${folder}\n`)
  return exitCodes.passed
}

const remove: Action = async (name, { stdout, signal }, outdated) => {
  const images = (await listImages()).filter((image) => (outdated ? !image.current : image.name === name))
  await removeImages(images, signal)
  for (const { folder } of images) stdout.write(`Removed ${folder}\n`)
  if (images.length === 0) stdout.write('There was nothing to remove.\n')
  return exitCodes.passed
}

const actions: Record<string, Action> = { build, box, list, check, remove }
