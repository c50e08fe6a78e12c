import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { machineryError, usageError } from '../errors.ts'

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
  modules: [join(runner, 'providers/guest/make_itself.py')],
}

/** The image that machines get. */
export const defaultImage = 'debian-12'

/** To be raised when build.ts makes another image of the same recipe. */
const buildVersion = 1

const imagesFolder = join(import.meta.dirname, '../../images')

/** The names of all recipes. */
export const listRecipes = async (folder = imagesFolder): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)

/** Reads the recipe of an image. @throws WirelabError of kind usage when there's no such recipe */
export async function loadRecipe(name: string, folder = imagesFolder): Promise<Recipe> {
  const known = await listRecipes(folder)
  if (!known.includes(name)) {
    throw usageError(`cannot find image ${JSON.stringify(name)}`, `There is a recipe for: ${known.join(', ')}.`)
  }
  const recipeFolder = join(folder, name)
  const files = await readFiles(recipeFolder)
  return { ...parseRecipe(name, files.get('recipe.json') ?? ''), name, folder: recipeFolder, key: imageKey(files) }
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
