import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { nearestWord } from '../lab/text/nearest.ts'

/** The file in a recipe's folder that says how the image is made. */
export const recipeFile = 'recipe.json'

/** The recipes that wirelab ships. */
export const shippedRecipes = join(import.meta.dirname, '../../images')

const labsFolders = () => [resolve('labs'), join(shippedRecipes, '../labs')]

/**
 * Where recipes are looked for: for a lab beside it, in `images/` where one stands, and among those that wirelab ships;
 * for who names no lab beside all labs too.
 */
export function imagesFolders(lab?: string): readonly string[] {
  const common = [resolve('images'), shippedRecipes]
  return lab === undefined ? [...common, ...labsFolders().flatMap(besideLabs)] : [join(lab, 'images'), ...common]
}

const besideLabs = (labs: string) => namesIn(labs).map((name) => join(labs, name, 'images'))

/** The names of all recipes. Of two with the same name it is the first that counts. */
export const listRecipes = (folders = imagesFolders()): readonly string[] => [
  ...new Set(folders.flatMap((folder) => namesIn(folder).filter((name) => isRecipe(join(folder, name))))),
]

/** The folder of a recipe, by its name or by a path to it. @throws WirelabError of kind usage when there is none */
export function findRecipe(name: string, folders = imagesFolders()): string {
  const found = name.includes('/') ? resolve(name) : folders.map((one) => join(one, name)).find(isRecipe)
  if (found !== undefined && isRecipe(found) && listRecipes([dirname(found)]).includes(basename(found))) return found
  const known = listRecipes(folders)
  const nearest = nearestWord(name, known)
  const meant = nearest === undefined ? '' : `did you mean "${nearest}"? `
  throw usageError(`cannot find image ${JSON.stringify(name)}`, `${meant}There is a recipe for: ${known.join(', ')}.`)
}

const isRecipe = (folder: string) => existsSync(join(folder, recipeFile))

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).toSorted() : [])
