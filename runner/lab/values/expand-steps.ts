import { actions } from '../../steps/actions/index.ts'
import { loopSchema } from '../schema/schema-loops.ts'
import type { Path, SourceText } from '../text/diagnostics.ts'
import type { LabFile } from '../text/read-lab-file.ts'
import type { Entry, Tree } from '../text/tree.ts'
import { plainOf } from '../text/yaml-tree.ts'
import { type IncludedSteps, includeSteps, includesKey } from './include-steps.ts'
import { nameOfRound, type Round, roundsOf } from './loops.ts'
import type { RawValues } from './values.ts'

/** What is known of a step besides what stands in it. */
export interface StepPart {
  /** Place among the steps that are written, from 0: all that come of one have the same. */
  readonly origin: number
  /** Values for this step alone. */
  readonly values: RawValues
  /** Index of the last of those that are one step on several nodes; its own where it is on one. */
  readonly last: number
}

/** A file's tree in which each step stands for itself. */
export interface ExpandedSteps {
  readonly tree: Tree | undefined
  /** The same with the entries that include others: in it all paths lead to their places. */
  readonly places: Tree | undefined
  /** The files that are included. */
  readonly included: readonly SourceText[]
  /** What is wrong with entries that include others: these are left out. */
  readonly mistakes: IncludedSteps['mistakes']
  /** Whether there would be too many steps: none is written out then. */
  readonly isTooLong: boolean
  /** Of each step in the tree. */
  readonly parts: readonly StepPart[]
}

/** Of one file: many times what anybody reads. */
export const maxSteps = 2000

/** What is done on a node: commands and files. */
const onNode: ReadonlySet<string> = new Set(
  actions.flatMap(({ needsNode, keys }) => (needsNode ? Object.keys(keys) : [])),
)
/** What all parts of a step have. */
const inEach: ReadonlySet<string> = new Set(['name', 'id', 'each', 'only-in', 'not-in'])
/** What only the first has. */
const inFirst: ReadonlySet<string> = new Set(['why', 'capture', 'expects-crash'])

/**
 * Writes out the steps that a file includes, and those that it says once for several: `each` makes a step of every
 * item, and `on` with several nodes a part of the step for every node, and one for what is done and claimed after
 * that. Everything keeps the place that it has in its file. A loop with mistakes is left as it is.
 */
export function expandSteps(tree: Tree | undefined, labFile: LabFile): ExpandedSteps {
  const entry = tree?.kind === 'mapping' ? tree.entries.get('steps') : undefined
  const nothing = { tree, parts: [], included: [], mistakes: [], isTooLong: false }
  if (tree?.kind !== 'mapping' || entry?.value.kind !== 'sequence') return { ...nothing, places: tree }
  const {
    steps: written,
    includes,
    sources: included,
    mistakes,
    isTooLong,
  } = includeSteps(entry.value.items, labFile, maxSteps)
  if (isTooLong) return { ...nothing, places: tree, isTooLong }
  const items: Tree[] = []
  const parts: StepPart[] = []
  for (const { origin, step, values, items: of } of written) {
    const named = of.reduce(namedFor, step)
    for (const turn of turnsOf(named, ['steps', items.length])) {
      const onNodes = nodesOf(turn.step, items.length)
      const last = items.length + onNodes.length - 1
      for (const { step: part, values: own } of onNodes) {
        parts.push({ origin, values: new Map([...values, ...turn.values, ...own]), last })
        items.push(part)
      }
      if (items.length > maxSteps) return { ...nothing, places: tree, isTooLong: true }
    }
  }
  const size = items.reduce((sum, item) => sum + item.size, 1)
  const steps = { ...entry, value: { ...entry.value, items, size } }
  const entries = new Map(tree.entries).set('steps', steps)
  const whole = { ...tree, entries, size: tree.size - entry.value.size + size }
  const including = { ...entry, value: { ...entry.value, items: includes } }
  const places = { ...whole, entries: new Map(entries).set(includesKey, including) }
  return { tree: whole, places, parts, included, mistakes, isTooLong: false }
}

interface Turn {
  readonly step: Tree
  readonly values: RawValues
}

/** The step once for each item of its `each`. */
function turnsOf(step: Tree, path: Path): readonly Turn[] {
  const rounds = roundsAt(step, 'each', path, 'each')
  if (step.kind !== 'mapping' || rounds === undefined) return [{ step, values: new Map() }]
  return rounds.map(({ item, values }) => {
    return { step: namedFor(step, item), values }
  })
}

/** The step with an item in its name. */
function namedFor(step: Tree, item: string): Tree {
  const name = step.kind === 'mapping' ? step.entries.get('name') : undefined
  if (step.kind !== 'mapping' || name?.value.kind !== 'scalar' || typeof name.value.value !== 'string') return step
  const named = withText(name, nameOfRound(name.value.value, item))
  return { ...step, entries: new Map(step.entries).set('name', named) }
}

/** The step in parts, one for each node of its `on`; the first of them is that many in the file's steps. */
function nodesOf(step: Tree, first: number): readonly Turn[] {
  const on = step.kind === 'mapping' ? step.entries.get('on') : undefined
  const rounds = roundsAt(step, 'on', ['steps', first], 'node')
  if (step.kind !== 'mapping' || on === undefined || rounds === undefined) return [{ step, values: new Map() }]
  const keys = [...step.entries.keys()]
  if (!keys.some((key) => onNode.has(key))) return [{ step, values: new Map() }]
  const only = (isKept: (key: string) => boolean) =>
    new Map([...step.entries].filter(([key]) => inEach.has(key) || isKept(key)))
  const parts = rounds.map(({ item, values }, index): Turn => {
    const entries = only((key) => onNode.has(key) || (index === 0 && inFirst.has(key)))
    const node = withText({ ...on, value: placeOf(on.value, item, index) }, item)
    // What stands with the node has the node's place: nothing else is left of the loop.
    const placed = [...values].map(([key, value]) => [key, { ...value, path: ['steps', first + index, 'on'] }] as const)
    return { step: { ...step, entries: entries.set('on', node) }, values: new Map(placed) }
  })
  const isLeft = (key: string) => !onNode.has(key) && !inFirst.has(key) && key !== 'on'
  if (!keys.some((key) => isLeft(key) && !inEach.has(key))) return parts
  return [...parts, { step: { ...step, entries: only(isLeft) }, values: new Map() }]
}

/** The rounds of the loop under a key; undefined where none stands there, or one with mistakes. */
function roundsAt(step: Tree, key: string, path: Path, name: string): readonly Round[] | undefined {
  const loop = step.kind === 'mapping' ? step.entries.get(key)?.value : undefined
  const read = loop === undefined ? undefined : loopSchema.safeParse(plainOf(loop))
  return read?.data === undefined ? undefined : roundsOf(read.data, [...path, key], name)
}

const withText = (entry: Entry, text: string): Entry => ({
  ...entry,
  value: { kind: 'scalar', value: text, span: entry.value.span, size: entry.value.size },
})

/** The item of a list or mapping as a tree: where it stands is what counts. */
function placeOf(loop: Tree, item: string, index: number): Tree {
  if (loop.kind === 'sequence') return loop.items[index] ?? loop
  const entry = loop.kind === 'mapping' ? loop.entries.get(item) : undefined
  return entry === undefined ? loop : { ...entry.value, span: entry.keySpan }
}
