import { realpathSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { checkShape } from '../schema/check-shape.ts'
import { includeSchema } from '../schema/schema-include.ts'
import { type Mistake, type SourceText, spanOf } from '../text/diagnostics.ts'
import { findInRepository } from '../text/find-in-repository.ts'
import { type LabFile, type Refused, readTextFile } from '../text/read-lab-file.ts'
import { shifted, type Tree } from '../text/tree.ts'
import type { Span } from '../text/yaml-mistakes.ts'
import { parseYaml, plainOf } from '../text/yaml-tree.ts'
import { roundsOf } from './loops.ts'
import { type RawValues, readTexts } from './values.ts'

/** A step as it is written, in the lab file or in one that it includes. */
export interface WrittenStep {
  readonly step: Tree
  /** Place among the steps that are written, from 0: the same each time that one is included for another item. */
  readonly origin: number
  /** Those with which it is included. */
  readonly values: RawValues
  /** Those items for which it is included. */
  readonly items: readonly string[]
}

/** The steps of a lab file, with those that it includes. */
export interface IncludedSteps {
  readonly steps: readonly WrittenStep[]
  /** The entries that include others; what they say stands in `includes`, at these places. */
  readonly includes: readonly Tree[]
  /** The files that are included. Places in them go on where those of the file before end. */
  readonly sources: readonly SourceText[]
  readonly mistakes: readonly (Mistake & { readonly span: Span })[]
  /** Whether there would be too many steps. */
  readonly isTooLong: boolean
}

/** The key of a lab's tree under which the entries that include others are found. */
export const includesKey = 'includes'

/** Many times what one lab shares with others. */
const [maxDepth, maxFiles, maxBytes] = [8, 64, 1024 * 1024]

/** A file with steps, and how it came to be included. */
interface Place {
  readonly folder: string
  /** Paths without links: of the file, and of those that include it, the lab file first. */
  readonly chain: readonly string[]
  readonly values: RawValues
  readonly items: readonly string[]
}

interface Inclusion {
  readonly labFile: LabFile
  readonly steps: WrittenStep[]
  readonly includes: Tree[]
  readonly sources: SourceText[]
  /** Steps of the files that were read, by path. */
  readonly known: Map<string, readonly Tree[]>
  readonly mistakes: (Mistake & { readonly span: Span })[]
  readonly maxSteps: number
  /** Entries looked at so far: files that include each other multiply. */
  count: number
}

/** Puts the steps of other files where a lab's list of steps includes them. */
export function includeSteps(items: readonly Tree[], labFile: LabFile, maxSteps: number): IncludedSteps {
  const all: Inclusion = {
    ...{ labFile, steps: [], includes: [], sources: [], known: new Map(), mistakes: [], maxSteps, count: 0 },
  }
  const isIncluding = items.some(isInclude)
  const chain = isIncluding ? [realpathSync(labFile.file)] : []
  addSteps(items, 0, { folder: labFile.folder, chain, values: new Map(), items: [] }, all)
  return { ...all, isTooLong: all.count > maxSteps }
}

const isInclude = (item: Tree): boolean => item.kind === 'mapping' && item.entries.has('include')

/** Adds a file's steps, whose first has this origin. Returns the origin of what comes after them. */
function addSteps(steps: readonly Tree[], first: number, place: Place, all: Inclusion): number {
  let origin = first
  for (const step of steps) {
    if (++all.count > all.maxSteps) return origin
    if (isInclude(step)) origin = addIncluded(step, origin, place, all)
    else {
      const { values, items } = place
      all.steps.push({ step, origin, values, items })
      origin += 1
    }
  }
  return origin
}

function addIncluded(entry: Tree, first: number, place: Place, all: Inclusion): number {
  const said = checkShape(includeSchema, plainOf(entry), [], (path, mistake) =>
    all.mistakes.push({ span: spanOf(entry, path, mistake.atKey), ...mistake }),
  )?.value
  if (said === undefined) return first
  const path = [includesKey, all.includes.length]
  all.includes.push(entry)
  const found = findSteps(said.include, place, all)
  if ('cause' in found) {
    const message = `cannot include "${said.include}": ${found.cause}`
    all.mistakes.push({ span: spanOf(entry, ['include']), message, hint: found.hint })
    return first
  }
  const own = readTexts(said.with ?? {}, [...path, 'with'])
  const rounds = said.each === undefined ? [undefined] : roundsOf(said.each, [...path, 'each'], 'each')
  const ends = rounds.map((round) =>
    addSteps(
      found.steps,
      first,
      {
        folder: dirname(found.file),
        chain: [...place.chain, found.file],
        values: new Map([...place.values, ...own, ...(round?.values ?? [])]),
        items: round === undefined ? place.items : [...place.items, round.item],
      },
      all,
    ),
  )
  return Math.max(first, ...ends)
}

/** The steps of a file, none where it has mistakes, which are noted; or why it can't be included. */
function findSteps(from: string, { folder, chain }: Place, all: Inclusion): FoundSteps | Refused {
  const file = findInRepository(from, folder)
  if (typeof file !== 'string') return file
  if (chain.includes(file)) {
    const names = [...chain.slice(chain.indexOf(file)), file].map((name) => relative(all.labFile.folder, name))
    return { cause: `it includes itself: ${names.join(' → ')}` }
  }
  if (chain.length > maxDepth) return { cause: `files include each other more than ${maxDepth} deep` }
  const known = all.known.get(file) ?? readSteps(file, all)
  if ('cause' in known) return known
  all.known.set(file, known)
  return { file, steps: known }
}

interface FoundSteps {
  readonly file: string
  readonly steps: readonly Tree[]
}

/** Reads a file's steps and notes what is wrong with it; or why that can't be done. */
function readSteps(file: string, { labFile, sources, mistakes }: Inclusion): readonly Tree[] | Refused {
  if (sources.length >= maxFiles) return { cause: `a lab includes at most ${maxFiles} files` }
  const start = [labFile, ...sources].reduce((sum, { text }) => sum + text.length + 1, 0)
  const read = readTextFile(file, maxBytes - sources.reduce((sum, { text }) => sum + text.length, 0))
  if ('cause' in read) return read
  sources.push({ file, text: read.text })
  const parsed = parseYaml(read.text)
  const moved = ({ start: from, end }: Span): Span => ({ start: start + from, end: start + end })
  mistakes.push(...parsed.mistakes.map(({ span, ...mistake }) => ({ span: moved(span), ...mistake })))
  const tree = parsed.tree && shifted(parsed.tree, start)
  if (tree?.kind === 'sequence') return tree.items
  if (parsed.mistakes.length === 0) {
    const message = 'cannot include this file: expected a list of steps'
    mistakes.push({ span: tree?.span ?? moved({ start: 0, end: 0 }), message, hint: 'begin each step with "- name:"' })
  }
  return []
}
