import type { Outcome } from '../../result.ts'

/**
 * What becomes of a claim. An inconclusive verdict is an error; what was skipped comes after a step that broke, which
 * is an error of the run; `refused` says that the lab check takes no such claim.
 */
export type RowOutcome = Outcome | 'refused'

/** One way to spoil a claim. It runs in the world that `world.ts` makes, and takes back what it did. */
export interface Row {
  /** What was done, in a few words. */
  readonly what: string
  /** Shell commands on machine a, before the claim. */
  readonly does?: string
  /** Shell commands on machine a that take it back. */
  readonly undo?: string
  /** More keys of the step, as a lab writes them: what it captures or starts. */
  readonly step?: Readonly<Record<string, unknown>>
  /** A claim that would be wrong to pass, as a lab writes it. */
  readonly claim: Readonly<Record<string, object>>
  /** The outcome before wirelab was tried so. */
  readonly before: RowOutcome
  /** What it must be: `failed` where the network truly says no, else `error`. */
  readonly wanted: Exclude<RowOutcome, 'passed'>
}
