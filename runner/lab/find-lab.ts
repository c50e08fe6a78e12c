import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { fieldOf } from './text/mapping.ts'
import { nearestWord } from './text/nearest.ts'
import { labFileName, readLabFile } from './text/read-lab-file.ts'
import { parseYaml, plainOf } from './text/yaml-tree.ts'

/** A lab of the labs' folder. */
export interface ListedLab {
  readonly name: string
  /** Undefined when the file can't be read or has none; the check of the lab says why. */
  readonly title: string | undefined
  readonly chapter?: string
  /** How many it has; none when the file can't be read. */
  readonly machines: number
  /** Names. */
  readonly variants: readonly string[]
  /** Absolute path of the lab file. */
  readonly file: string
}

/** Which lab the command line means. */
export interface FoundLab {
  /** Absolute path of the lab file. */
  readonly file: string
  /** The only variant that is meant; all of them when undefined. */
  readonly variant?: string
}

/** The labs of a folder, by name; a folder that doesn't exist holds none. */
export const listLabs = (labsFolder: string): readonly ListedLab[] =>
  listLabNames(labsFolder).map((name) => {
    const file = resolve(labsFolder, name, labFileName)
    const head = peekHead(file)
    const [title, chapter] = ['title', 'chapter'].map((key) => fieldOf(head, key))
    return {
      name,
      title: typeof title === 'string' ? title : undefined,
      ...(typeof chapter === 'string' ? { chapter } : {}),
      machines: Object.values(Object(fieldOf(head, 'nodes'))).filter(isMachine).length,
      variants: variantsIn(head),
      file,
    }
  })

const isMachine = (node: unknown) => fieldOf(node, 'namespace-of') === undefined

function variantsIn(document: unknown): readonly string[] {
  const variants = fieldOf(document, 'variants')
  return variants === undefined ? ['default'] : Object.keys(Object(variants))
}

/**
 * Finds the lab that a word of the command line means: the name of a lab in the first of the folders that has it, or a
 * path to a lab file or to the folder of one; `/variant` may stand behind each. A lab's name wins over a path, and a path
 * that is there over a variant. Throws a usage error that names the nearest when there is no such lab.
 */
export function findLab(nameOrPath: string, ...labsFolders: readonly string[]): FoundLab {
  const names = labsFolders.flatMap(listLabNames)
  const slash = nameOrPath.replace(/\/+$/, '').indexOf('/')
  const name = slash < 0 ? nameOrPath.replace(/\/+$/, '') : nameOrPath.slice(0, slash)
  const home = labsFolders.find((folder) => listLabNames(folder).includes(name))
  if (home !== undefined) {
    const file = resolve(home, name, labFileName)
    return slash < 0 ? { file } : { file, variant: checkVariant(nameOrPath.slice(slash + 1), name, file) }
  }
  const path = resolve(nameOrPath)
  const file = labFileOf(path)
  if (file !== undefined) return { file }
  if (existsSync(path)) throw usageError(`cannot find lab "${nameOrPath}": the folder has no ${labFileName}`)
  const own = labFileOf(dirname(path))
  if (own !== undefined)
    return { file: own, variant: checkVariant(basename(path), nameOrPath.replace(/\/+[^/]*\/*$/, ''), own) }
  const nearest = nearestWord(name, names)
  const meant = nearest === undefined ? '' : `did you mean "${nearest}"? `
  throw usageError(
    `cannot find lab "${nameOrPath}": there is no lab and no file of this name`,
    `${meant}the labs are ${names.join(', ') || 'none'}`,
  )
}

/** The lab file at a path, or in the folder there; undefined when there is none. */
function labFileOf(path: string): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, labFileName) : path
  return existsSync(file) ? file : undefined
}

/** The names of a folder's labs, in their order. */
export const listLabNames = (labsFolder: string): readonly string[] =>
  existsSync(labsFolder)
    ? readdirSync(labsFolder)
        .filter((name) => existsSync(join(labsFolder, name, labFileName)))
        .sort()
    : []

/** The variant's name. A file that can't be read is let through: the check of the lab says more. */
function checkVariant(variant: string, name: string, file: string): string {
  const document = peek(file)
  const known = variantsIn(document)
  if (document === undefined || known.includes(variant)) return variant
  const nearest = nearestWord(variant, known)
  const meant = nearest === undefined ? '' : `did you mean "${name}/${nearest}"? `
  throw usageError(
    `cannot find variant "${variant}" of lab ${name}: it has none of this name`,
    `${meant}its variants are ${known.join(', ')}`,
  )
}

/**
 * What of a lab file stands before its steps, which are most of it and take time to parse; all of it, where that lacks
 * title or nodes. Unchecked; undefined when it can't be read.
 */
function peekHead(file: string): unknown {
  const head = peek(file, beforeSteps)
  const isWhole = ['title', 'nodes'].every((key) => fieldOf(head, key) !== undefined)
  return isWhole ? head : peek(file)
}

/** A key that begins a line can only be one of the file itself: all that is in others is indented. */
const beforeSteps = (text: string) => text.split(/^steps:/m)[0] ?? ''

/** The value of a lab file, or of a part of its text; unchecked, and undefined when it can't be read. */
function peek(file: string, partOf = (text: string) => text): unknown {
  const labFile = readLabFile(file)
  if ('message' in labFile) return undefined
  const { tree } = parseYaml(partOf(labFile.text))
  return tree === undefined ? undefined : plainOf(tree)
}
