import type { MutantKind, Step } from '../../lab.ts'
import type { Path } from '../../text/diagnostics.ts'
import type { ShellCommand } from '../../values/shell-commands.ts'

/** One way to make mutants: what it would change in a step. */
export interface Mutator {
  readonly kind: MutantKind
  /** The changes that it would make, in the order of the file. Pure. */
  changes(step: MutableStep): readonly Change[]
}

/** A step in one variant, and what in it can be changed. */
export interface MutableStep {
  readonly step: Step
  readonly texts: readonly MutableText[]
  /** For each address that the lab gives to an interface, the next in the same network. */
  readonly nextAddress: ReadonlyMap<string, string>
}

/** A script or a copied file of a step, with the values of the variant. */
export interface MutableText {
  /** The action of the step that has it, and which of its texts it is. */
  readonly action: number
  readonly nth: number
  readonly text: string
  /** What may be changed in it: the commands that change something, or the lines that are no comment. */
  readonly parts: readonly MutablePart[]
  readonly origin: TextOrigin
}

export interface MutablePart {
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** Absent in a file. */
  readonly command?: ShellCommand
}

/** Where a text comes from. */
export interface TextOrigin {
  /** As it stands in the lab, its values not filled in. */
  readonly template: string
  /** Where in the step it stands; of a file, where that is named. */
  readonly path: Path
  /** Of a file: its path in the folder of the lab. */
  readonly file?: string
}

/** What a mutant does otherwise. */
export type Change =
  /** The step is left out. */
  | { readonly what: 'step' }
  /** A command is left out. */
  | { readonly what: 'command'; readonly text: MutableText; readonly part: MutablePart }
  /** Other text stands in some places of a part. */
  | {
      readonly what: 'words'
      readonly text: MutableText
      readonly part: MutablePart
      readonly edits: readonly [Edit, ...Edit[]]
    }

/** A place in a text, and what to put there. */
export interface Edit {
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
  readonly with: string
}
