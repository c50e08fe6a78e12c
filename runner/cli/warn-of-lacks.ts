import { imagesFolders } from '../image/find-recipes.ts'
import { openImage } from '../image/image.ts'
import type { Lab, Variant } from '../lab/lab.ts'
import type { KnownImage } from '../lab/parts/find-lacks.ts'
import type { Diagnostic } from '../lab/text/diagnostics.ts'
import { machineImages } from '../plan.ts'

/**
 * What labs are warned of: programs that their images lack, as far as these are there. `chosen` is the image that the
 * command line names.
 */
export async function warningsOf(labs: Iterable<Lab>, chosen?: string): Promise<Diagnostic[]> {
  const warnings: Diagnostic[] = []
  for (const lab of labs) {
    const images = new Map<string, KnownImage>()
    const namesIn = (variant: Variant) => machineImages(variant, chosen)
    for (const name of new Set(lab.variants.flatMap((variant) => [...namesIn(variant).values()]))) {
      const commands = await commandsOf(name, imagesFolders(lab.folder))
      if (commands.length > 0) images.set(name, { name, programs: new Set(commands) })
    }
    warnings.push(...lab.findLacks((variant, machine) => images.get(namesIn(variant).get(machine) ?? '')))
  }
  return warnings
}

/** None of an image that is not there, or that nobody can open. */
const commandsOf = (name: string, folders: readonly string[]): Promise<readonly string[]> =>
  openImage(name, folders).then(
    ({ manifest }) => manifest.commands,
    () => [],
  )
