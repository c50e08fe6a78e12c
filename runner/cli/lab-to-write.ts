import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { labFileName } from '../lab/text/read-lab-file.ts'
import { shippedLabs } from './labs-folder.ts'

/** Where a lab that is written goes. */
export interface LabToWrite {
  /** Absolute path. */
  readonly folder: string
  /** Absolute path of its lab.yaml. */
  readonly file: string
  /** The way to the schema from there, for editors. */
  readonly schema: string
}

/**
 * The place of a lab called so in `labs/`, or at a path. @throws WirelabError of kind usage for what is no name, and for
 * a lab that is there already, unless `mayReplace` it
 */
export function labToWrite(name: string, mayReplace = false): LabToWrite {
  if (!/(^|\/)[A-Za-z0-9][\w.-]*\/*$/.test(name))
    throw usageError(
      `cannot call a lab ${JSON.stringify(name)}`,
      'expected letters, digits, "-", "." and "_", the first no sign',
    )
  const folder = resolve(name.includes('/') ? name : join('labs', name))
  const file = join(folder, labFileName)
  if (!mayReplace && lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw usageError(`cannot write ${file}: it is there already`, 'name another lab, or remove that one')
  return { folder, file, schema: schemaSeenFrom(folder) }
}

/**
 * The way to the schema from a lab's folder: by the node_modules that have this package, or within it. A package that
 * lies anywhere else is named by its whole path, as it doesn't move along with the lab.
 */
function schemaSeenFrom(folder: string): string {
  const schema = join(shippedLabs, 'lab.schema.json')
  const installed = upFrom(folder)
    .map((above) => join(above, 'node_modules', 'wirelab', 'labs', 'lab.schema.json'))
    .find((path) => realPath(path) === realPath(schema))
  if (installed !== undefined) return relative(folder, installed)
  const isInside = !/^\.\.(\/|$)/.test(relative(dirname(shippedLabs), folder))
  return isInside ? relative(folder, schema) : schema
}

const upFrom = (folder: string): readonly string[] =>
  dirname(folder) === folder ? [folder] : [folder, ...upFrom(dirname(folder))]

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
