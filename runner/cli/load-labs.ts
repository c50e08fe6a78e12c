import { assertions } from '../../assertions/index.ts'
import { usageError } from '../errors.ts'
import { findLab, listLabs } from '../lab/find-lab.ts'
import type { Lab } from '../lab/lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import { type Diagnostic, renderDiagnostics } from '../lab/text/diagnostics.ts'
import type { Selection } from '../scopes.ts'
import { labsFolder } from './labs-folder.ts'

/**
 * Finds and loads all labs that the command line names; `all` adds every shipped one.
 * @throws WirelabError of kind usage with every mistake of every lab file
 */
export function loadLabs(names: readonly string[], options: { all: boolean; colour: boolean }): Selection[] {
  const found = [
    ...names.map((name) => findLab(name, labsFolder)),
    ...(options.all ? listLabs(labsFolder).map(({ file }) => ({ file, variant: undefined })) : []),
  ]
  const labs = new Map<string, Lab>()
  const diagnostics: Diagnostic[] = []
  for (const { file } of found) {
    if (labs.has(file)) continue
    const loaded = loadLab(file, assertions)
    if (loaded.lab) labs.set(file, loaded.lab)
    else diagnostics.push(...loaded.diagnostics)
  }
  if (diagnostics.length > 0) throw usageError(renderDiagnostics(diagnostics, options.colour))
  const selections = found.flatMap(({ file, variant }) => {
    const lab = labs.get(file)
    return lab ? [{ lab, ...(variant === undefined ? {} : { variant }) }] : []
  })
  refuseDoubles(selections)
  return selections
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
