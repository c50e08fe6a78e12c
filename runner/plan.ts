import type { Variant } from './lab/lab.ts'

/** A variant ready to be brought up: nothing left to decide, everything derived from the lab alone. */
export interface Plan {
  readonly lab: string
  readonly variant: Variant
  readonly machines: readonly PlannedMachine[]
  readonly cables: readonly PlannedCable[]
}

export interface PlannedMachine {
  readonly name: string
  readonly memoryMiB: number
  readonly nics: readonly PlannedNic[]
}

export interface PlannedNic {
  /** Name in the machine. */
  readonly name: string
  /** Lower case, colons. Locally administered, the same in every run, unique in the lab. */
  readonly mac: string
  readonly cable: number
  /** Which end of the cable. */
  readonly end: 0 | 1
}

export interface PlannedCable {
  /** Each end as `node:interface`. */
  readonly endpoints: readonly [string, string]
}
