import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { machineryError, usageError } from '../errors.ts'
import { whyNotTrusted } from '../host/trusted-folder.ts'

const words = z.array(z.string().regex(/^[A-Za-z0-9@._+:-]+$/))

const recipeSchema = z.strictObject({
  suite: z.string().regex(/^[a-z]+$/),
  packages: words,
  /** systemd units that a machine starts at boot; no other unit that packages install is enabled. */
  services: words,
  /** systemd units that can't be started, neither at boot nor as a dependency. */
  masked: words,
  /** Kernel modules that it takes to mount the root; their dependencies come along. */
  initrdModules: words,
  kernelCommandLine: z.string(),
})

/** How an image is made. */
export interface Recipe extends Readonly<z.infer<typeof recipeSchema>> {
  readonly name: string
  /** Where the recipe and the files that it copies stand. */
  readonly folder: string
  /** 16 hexadecimal digits; another when anything that shapes the image is another. */
  readonly key: string
}

const runner = join(import.meta.dirname, '..')

/** What of the runner goes into every image: the agent that runs commands in a machine, and the modules it imports. */
export const agentFiles = {
  agent: join(runner, 'transports/agent.py'),
  modules: ['providers/guest/make_itself.py', 'providers/guest/look_for_crashes.py', 'transports/nic_states.py'].map(
    (file) => join(runner, file),
  ),
}

/** The image that machines get. */
export const defaultImage = 'debian-12'

const recipeFile = 'recipe.json'

/** To be raised when build.ts makes another image of the same recipe. */
const buildVersion = 2

const shippedRecipes = join(import.meta.dirname, '../../images')

/** Where recipes are looked for: in `images/` where one stands, and among those that wirelab ships. */
const imagesFolders = () => [resolve('images'), shippedRecipes]

/** The folders of all recipes, by name. Of two with the same name it is the first that counts. */
async function findRecipes(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => []))
      if (!found.has(name) && existsSync(join(folder, name, recipeFile))) found.set(name, join(folder, name))
  return found
}

/** The names of all recipes. */
export const listRecipes = async (folders = imagesFolders()): Promise<string[]> => [
  ...(await findRecipes(folders)).keys(),
]

/**
 * Reads the recipe of an image. @throws WirelabError of kind usage when there's no such recipe, of kind machinery when
 * it is none of wirelab's own and another user could change it: building an image runs what stands there
 */
export async function loadRecipe(name: string, folders = imagesFolders()): Promise<Recipe> {
  const known = await findRecipes(folders)
  const recipeFolder = known.get(name)
  if (recipeFolder === undefined) {
    throw usageError(
      `cannot find image ${JSON.stringify(name)}`,
      `There is a recipe for: ${[...known.keys()].join(', ')}.`,
    )
  }
  const why = dirname(recipeFolder) === shippedRecipes ? undefined : whyNotTrusted(recipeFolder)
  if (why !== undefined)
    throw machineryError(
      `cannot use the recipe in ${recipeFolder}: ${why}`,
      'What stands there is run when the image is built. Take the right to write from others: chmod -R go-w',
    )
  const files = await readFiles(recipeFolder)
  return { ...parseRecipe(name, files.get(recipeFile) ?? ''), name, folder: recipeFolder, key: imageKey(files) }
}

/** The key of an image whose recipe consists of these files. */
export function imageKey(files: ReadonlyMap<string, string>, architecture: string = process.arch): string {
  const hash = createHash('sha256').update(JSON.stringify([buildVersion, architecture]))
  for (const name of [...files.keys()].sort()) hash.update(JSON.stringify([name, files.get(name)]))
  return hash.digest('hex').slice(0, 16)
}

async function readFiles(folder: string) {
  const paths = [...(await readdir(folder)).map((name) => join(folder, name)), agentFiles.agent, ...agentFiles.modules]
  return new Map(await Promise.all(paths.map(async (path) => [basename(path), await readFile(path, 'utf8')] as const)))
}

function parseRecipe(name: string, text: string) {
  try {
    return recipeSchema.parse(JSON.parse(text))
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw machineryError(`cannot read the recipe of image ${name}: ${cause}`, undefined, error)
  }
}
