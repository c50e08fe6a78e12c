import type { Tree } from './run-npm.ts'

/** One number that a measurement gives. */
export interface Figure {
  readonly name: string
  readonly unit: 'ms' | 'MB'
  /** What it must not exceed: `most` on a quiet host of two processors under TCG, `ratio` to the baseline's in any run. */
  readonly bound?: { readonly most?: number; readonly ratio?: number }
  /** It stands in records and fits, and not in the table. */
  readonly isDetail?: true
}

/** Values by the figures' names; what could not be measured is missing. */
export type Sample = Readonly<Record<string, number>>

/** What all measurements of a run have. */
export interface Session {
  readonly signal: AbortSignal
  /** The checkout that this file is part of. */
  readonly here: Tree
  /** The arguments that QEMU is started with for a machine. */
  readonly qemuArguments: readonly string[]
}

/** Another way to what a measurement measures, beside wirelab's. */
export interface Rival {
  readonly name: string
  /** It takes so long that one round must do. */
  readonly once?: true
  /** Why it can't be measured on this host; undefined when it can. */
  lacks(): string | undefined
  sample(count: number, session: Session): Promise<Sample>
}

/** Something that is measured of each checkout in turn. */
export interface Measurement {
  readonly name: string
  /** What it can be chosen by, beside its name. */
  readonly groups?: readonly string[]
  /** In words, for the help. */
  readonly what: string
  readonly rounds: number
  readonly figures: readonly Figure[]
  /** It is measured only when it is asked for. */
  readonly isLong?: true
  /** It is part of the quick version. */
  readonly isQuick?: true
  /** One round that does not count comes first. */
  readonly isWarmedUp?: true
  /** How many machines it starts, where that is the question. */
  readonly machines?: number
  readonly rivals?: readonly Rival[]
  sample(tree: Tree, signal: AbortSignal): Promise<Sample>
}
