import type { Span } from './yaml-mistakes.ts'

/** YAML with the place of everything. */
export type Tree = ScalarTree | SequenceTree | MappingTree

export interface ScalarTree {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly span: Span
  /** How much there is to check: what `sizeOfText` says of keys and values, and one for each list and mapping. */
  readonly size: number
}

export interface SequenceTree {
  readonly kind: 'sequence'
  readonly items: readonly Tree[]
  readonly span: Span
  readonly size: number
}

export interface MappingTree {
  readonly kind: 'mapping'
  readonly entries: ReadonlyMap<string, Entry>
  readonly span: Span
  readonly size: number
}

export interface Entry {
  readonly keySpan: Span
  readonly value: Tree
}

/** The same tree, whose text begins so much later. What aliases repeat is moved once. */
export function shifted(tree: Tree, by: number, known = new Map<Tree, Tree>()): Tree {
  const seen = known.get(tree)
  if (seen !== undefined) return seen
  const move = ({ start, end }: Span): Span => ({ start: start + by, end: end + by })
  const span = move(tree.span)
  const entryOf = ({ keySpan, value }: Entry): Entry => ({ keySpan: move(keySpan), value: shifted(value, by, known) })
  const moved: Tree =
    tree.kind === 'scalar'
      ? { ...tree, span }
      : tree.kind === 'sequence'
        ? { ...tree, span, items: tree.items.map((item) => shifted(item, by, known)) }
        : { ...tree, span, entries: new Map(Array.from(tree.entries, ([key, entry]) => [key, entryOf(entry)])) }
  known.set(tree, moved)
  return moved
}
