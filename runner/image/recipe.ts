import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { machineryError } from '../errors.ts'
import { whyNotTrusted } from '../host/trusted-folder.ts'
import type { Report } from '../lab/text/diagnostics.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { findRecipe, imagesFolders, listRecipes, recipeFile, shippedRecipes } from './find-recipes.ts'
import { parseImageName, renderImageName } from './image-name.ts'
import { parseRecipe, type RecipeText } from './parse-recipe.ts'

/** How an image is made: what its recipe says, with all that those say which it builds on. */
export interface Recipe {
  /** As `debian-12`, or `debian-12+frr` for one with packages added. */
  readonly name: string
  /** The folder of the recipe that builds on no other, with what makes an image of a system. */
  readonly folder: string
  /** Its own folder, which says all of it; absent for one with packages added. */
  readonly ownFolder?: string
  /** 16 hexadecimal digits; another when anything that shapes the image is another. */
  readonly key: string
  readonly suite: string
  readonly packages: readonly string[]
  readonly services: readonly string[]
  readonly masked: readonly string[]
  readonly initrdModules: readonly string[]
  readonly kernelCommandLine: string
  /** What is done to the system when its packages are installed, in this order. */
  readonly additions: readonly Addition[]
  /** A folder that is none of wirelab's own, from which something is run, or put into the image, when it is built. */
  readonly foreign?: string
}

/** A file of a recipe that is put into the image, or that a shell runs there; absolute paths. */
export type Addition = { readonly file: string; readonly to: string } | { readonly script: string }

const runner = join(import.meta.dirname, '..')

/** What of the runner goes into every image: the agent that runs commands in a machine, and the modules it imports. */
export const agentFiles = {
  agent: join(runner, 'transports/agent.py'),
  modules: ['providers/guest/make_itself.py', 'providers/guest/look_for_crashes.py', 'transports/nic_states.py'].map(
    (file) => join(runner, file),
  ),
}

/** To be raised when build.ts makes another image of the same recipe. */
const buildVersion = 2

/**
 * Reads the recipe of an image, whose name may add packages to it: `debian-12+frr`.
 * @throws WirelabError of kind usage when there's no such recipe, or it has mistakes; of kind machinery when it is none
 * of wirelab's own and another user could change it: building an image runs what stands there
 */
export async function loadRecipe(name: string, folders = imagesFolders()): Promise<Recipe> {
  const { recipe, packages } = parseImageName(name)
  const parts = await readParts(findRecipe(recipe, folders), folders)
  const whole = joinParts(parts)
  const added = packages.filter((one) => !whole.packages.includes(one)).toSorted()
  const own = parts.at(-1)?.folder
  const foreign = parts.find(({ folder, text }) => isForeign(folder) && bringsFiles(text))?.folder
  return {
    ...whole,
    name: renderImageName({ recipe: basename(recipe), packages: added }),
    key: imageKey(await filesOf(parts, added)),
    packages: [...whole.packages, ...added],
    ...(own === undefined || added.length > 0 ? {} : { ownFolder: own }),
    ...(foreign === undefined ? {} : { foreign }),
  }
}

/** What one recipe says by itself. */
interface Part {
  readonly folder: string
  readonly text: RecipeText
}

/** A recipe after those that it builds on. */
async function readParts(own: string, folders: readonly string[]): Promise<readonly Part[]> {
  const parts: Part[] = []
  for (let folder: string | undefined = own; folder !== undefined; ) {
    const why = isForeign(folder) ? whyNotTrusted(folder) : undefined
    if (why !== undefined)
      throw machineryError(
        `cannot use the recipe in ${folder}: ${why}`,
        'What stands there is run when the image is built. Take the right to write from others: chmod -R go-w',
      )
    const known: readonly string[] = [dirname(folder), ...folders]
    const chain = [...parts.map((part) => part.folder), folder]
    const text = await readRecipe(folder, (from, report) => checkFrom(from, { chain, known, report }))
    parts.unshift({ folder, text })
    folder = text.from === undefined ? undefined : findRecipe(text.from, known)
  }
  return parts
}

async function readRecipe(folder: string, check: (from: string, report: Report) => void): Promise<RecipeText> {
  const path = join(folder, recipeFile)
  const files = new Set(await readdir(folder))
  return parseRecipe(path, await readFile(path, 'utf8'), files, ({ from }, report) => {
    if (from !== undefined) check(from, report)
  })
}

interface FromContext {
  /** The folders of the recipe and of those that build on it. */
  readonly chain: readonly string[]
  /** Where recipes are looked for. */
  readonly known: readonly string[]
  readonly report: Report
}

function checkFrom(from: string, { chain, known, report }: FromContext): void {
  const names = listRecipes(known)
  if (!names.includes(from))
    report(['from'], {
      message: `cannot find image "${from}", on which this one builds`,
      nearest: () => nearestWord(from, names),
      hint: `there is a recipe for ${names.join(', ')}`,
    })
  else if (chain.includes(findRecipe(from, known)))
    report(['from'], {
      message: `cannot build on "${from}": that builds on this recipe`,
      hint: 'the first of them must say what it is made of: suite, kernel, kernelCommandLine',
    })
}

const isForeign = (folder: string) => dirname(folder) !== shippedRecipes

/** Whether more of a recipe gets into an image than names. */
const bringsFiles = ({ from, files, script }: RecipeText) =>
  from === undefined || script !== undefined || Object.keys(files).length > 0

/** All that recipes say together: lists are joined, of all else the last word counts. */
function joinParts(parts: readonly Part[]): Omit<Recipe, 'name' | 'key'> {
  const texts = parts.map(({ text }) => text)
  const last = (key: 'suite' | 'kernel' | 'kernelCommandLine') =>
    texts.findLast((text) => text[key] !== undefined)?.[key]
  const all = (key: 'packages' | 'services' | 'masked' | 'initrdModules') => [
    ...new Set(texts.flatMap((text) => text[key])),
  ]
  const kernel = last('kernel')
  return {
    folder: parts[0]?.folder ?? '',
    suite: last('suite') ?? '',
    packages: [...(kernel === undefined ? [] : [kernel]), ...all('packages')],
    services: all('services'),
    masked: all('masked'),
    initrdModules: all('initrdModules'),
    kernelCommandLine: last('kernelCommandLine') ?? '',
    additions: parts.flatMap(additionsOf),
  }
}

const additionsOf = ({ folder, text: { files, script } }: Part): readonly Addition[] => [
  ...Object.entries(files).map(([to, name]) => ({ file: join(folder, name), to })),
  ...(script === undefined ? [] : [{ script: join(folder, script) }]),
]

/** Everything that shapes an image, by names that tell it apart. */
async function filesOf(parts: readonly Part[], added: readonly string[]): Promise<Map<string, string>> {
  const folders = parts.map(({ folder }, at) => ({ folder, at }))
  const lists = await Promise.all(
    folders.map(async ({ folder, at }) =>
      (await readdir(folder, { withFileTypes: true }))
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => ({ name: `${at}/${name}`, path: join(folder, name) })),
    ),
  )
  const agent = [agentFiles.agent, ...agentFiles.modules].map((path) => ({ name: basename(path), path }))
  const contents = [...lists.flat(), ...agent].map(
    // Each byte is a character, whatever the file holds.
    async ({ name, path }) => [name, `${await modeOf(path)} ${await readFile(path, 'latin1')}`] as const,
  )
  return new Map([...(await Promise.all(contents)), ['', added.join(' ')]])
}

/** Whether a file can be run is kept in an image. */
export const modeOf = async (path: string): Promise<'644' | '755'> =>
  ((await stat(path)).mode & 0o100) === 0 ? '644' : '755'

/** The key of an image that is shaped by these files. */
export function imageKey(files: ReadonlyMap<string, string>, architecture: string = process.arch): string {
  const hash = createHash('sha256').update(JSON.stringify([buildVersion, architecture]))
  for (const name of [...files.keys()].sort()) hash.update(JSON.stringify([name, files.get(name)]))
  return hash.digest('hex').slice(0, 16)
}
