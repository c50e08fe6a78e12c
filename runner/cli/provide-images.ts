import { relative } from 'node:path'
import { hasCode, machineryError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import { demandUserNamespace } from '../host/user-namespace.ts'
import { buildImage } from '../image/build.ts'
import { findRecipe, imagesFolders } from '../image/find-recipes.ts'
import { type Image, openImage } from '../image/image.ts'
import { defaultImage, parseImageName } from '../image/image-name.ts'
import { loadRecipe } from '../image/recipe.ts'
import { machineImages } from '../plan.ts'
import type { Scope } from '../scopes.ts'
import type { CommandContext } from './command.ts'
import { type ProgressStream, showProgress } from './show-progress.ts'

/** What the machines of scopes boot. */
export interface ProvidedImages {
  /** That of the first machine. */
  readonly main: Image
  /** Each once, `main` first. */
  readonly all: readonly Image[]
  /** Returns those of a scope's machines, by their names. */
  imagesOf(scope: Pick<Scope, 'lab' | 'variant' | 'image'>): ReadonlyMap<string, Image>
}

type Screen = Pick<CommandContext, 'signal' | 'interactive'> & { readonly stream: ProgressStream }

/**
 * Opens the images that scopes name, and builds those that are not there. The default one is left to the set-up, which
 * sees to all else that it takes.
 * @throws WirelabError of kind usage for an image that has no recipe, of kind machinery when one can't be built
 */
export async function provideImages(
  scopes: readonly Pick<Scope, 'lab' | 'variant' | 'image' | 'otherwise'>[],
  screen: Screen,
): Promise<ProvidedImages> {
  const images = new Map<string, Image>()
  for (const scope of scopes.flatMap((one) => [one, ...(one.otherwise ?? [])]))
    for (const name of machineImages(scope.variant, scope.image).values()) {
      const key = keyOf(scope.lab.folder, name)
      if (!images.has(key)) images.set(key, await provideImage(name, imagesFolders(scope.lab.folder), screen))
    }
  const all = [...new Map([...images.values()].map((image) => [image.key, image])).values()]
  return {
    main: all[0] ?? (await openImage()),
    all,
    imagesOf: ({ lab, variant, image }) =>
      new Map(
        [...machineImages(variant, image)].flatMap(([machine, name]) => {
          const found = images.get(keyOf(lab.folder, name))
          return found === undefined ? [] : [[machine, found] as const]
        }),
      ),
  }
}

/** Of two labs each may have a recipe of one name beside it. */
const keyOf = (folder: string, name: string) => JSON.stringify([folder, name])

async function provideImage(name: string, folders: readonly string[], screen: Screen): Promise<Image> {
  try {
    return await openImage(name, folders)
  } catch (error) {
    if (!hasCode(error, 'image-unusable')) throw error
    await demandConsent(name, folders)
    if (name === defaultImage) throw error
  }
  const { signal, stream, interactive } = screen
  await demandUserNamespace(signal)
  const progress = showProgress(stream, interactive)
  const startedMs = performance.now()
  try {
    progress.print(`The image ${name} is not there yet: it is built, once.`)
    const { image } = await buildImage(name, { signal, onProgress: progress.update }, folders)
    progress.print(`Built the image ${name} in ${Math.round((performance.now() - startedMs) / 1000)} s.`)
    return image
  } finally {
    progress.end()
  }
}

/**
 * Whoever runs a lab has not asked for what stands beside it to be run on this host, or put into an image: who builds
 * the image by its name has, also for layers on it.
 * @throws WirelabError of kind machinery
 */
async function demandConsent(name: string, folders: readonly string[]): Promise<void> {
  const { foreign } = await loadRecipe(name, folders)
  const { recipe, packages } = parseImageName(name)
  if (foreign === undefined) return
  const isBuilt = await openImage(recipe, folders).catch(() => undefined)
  if (isBuilt !== undefined && packages.length > 0) return
  const path = relative(process.cwd(), findRecipe(recipe, folders))
  throw machineryError(
    `cannot use image ${recipe}: it is not built, and what stands in ${foreign} is run when it is`,
    `If you trust that, run: ${ownCommand(`image build ${path.includes('/') ? path : `./${path}`}`)}`,
  )
}
