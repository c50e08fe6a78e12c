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
