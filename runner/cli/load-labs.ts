import { assertions } from '../../assertions/index.ts'
import { usageError } from '../errors.ts'
import { imagesFolders, listRecipes } from '../image/find-recipes.ts'
import { type FoundLab, findLab, listLabs } from '../lab/find-lab.ts'
import type { Lab } from '../lab/lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import { type Diagnostic, renderDiagnostics } from '../lab/text/diagnostics.ts'
import type { Selection } from '../scopes.ts'
import { labsFolder, labsFolders } from './labs-folder.ts'

/**
 * Finds and loads all labs that the command line names; `all` adds every one of `labsFolder`.
 * @throws WirelabError of kind usage with every mistake of every lab file
 */
export function loadLabs(names: readonly string[], options: { all: boolean; colour: boolean }): Selection[] {
  const found = findLabs(names, options.all)
  const { labs, diagnostics } = readLabs(found)
  if (diagnostics.length > 0) throw usageError(renderDiagnostics(diagnostics, options.colour))
  const selections = found.flatMap(({ file, variant }) => {
    const lab = labs.get(file)
    return lab ? [{ lab, ...(variant === undefined ? {} : { variant }) }] : []
  })
  refuseDoubles(selections)
  return selections
}

/**
 * The labs that the command line names, and those of `labsFolder` with `all`. @throws WirelabError of kind usage for a
 * name that none has
 */
export const findLabs = (names: readonly string[], all: boolean): FoundLab[] => [
  ...names.map((name) => findLab(name, ...labsFolders)),
  ...(all ? listLabs(labsFolder).map(({ file }) => ({ file })) : []),
]

/** Each of these labs by its file, and every mistake in the others. */
export function readLabs(found: readonly FoundLab[]) {
  const labs = new Map<string, Lab>()
  const diagnostics: Diagnostic[] = []
  for (const file of new Set(found.map((one) => one.file))) {
    const loaded = loadLab(file, assertions, (folder) => listRecipes(imagesFolders(folder)))
    if (loaded.lab) labs.set(file, loaded.lab)
    else diagnostics.push(...loaded.diagnostics)
  }
  return { labs, diagnostics }
}

/** Two labs of one name, or one asked for twice, would be one suite in the reports. */
function refuseDoubles(selections: readonly Selection[]): void {
  const seen = new Set<string>()
  for (const { lab, variant } of selections) {
    const name = variant === undefined ? lab.name : `${lab.name}/${variant}`
    if (seen.has(name) || (variant !== undefined && seen.has(lab.name)))
      throw usageError(
        `cannot run ${name} twice: it is named more than once`,
        'use --repeat to run a lab several times',
      )
    seen.add(name)
  }
}
