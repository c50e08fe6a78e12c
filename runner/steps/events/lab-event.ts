import type { z } from 'zod'
import type { DeclaredTopology } from '../../lab/parts/variant-context.ts'
import type { Path, Report } from '../../lab/text/diagnostics.ts'
import type { Testbed } from '../../providers/provider.ts'
import type { Impairments } from './impairments.ts'

/**
 * One kind of thing that can happen to cables, machines and NICs. A lab file writes it under the key that it has in the
 * table of events, which is the `kind` of the event `E` too; `R` is what its schema makes of what stands there.
 */
export interface LabEventKind<E, R = unknown> {
  /** How it is written, with a description. */
  readonly schema: z.ZodType<R>
  /** The event that is meant; undefined after a mistake in it is reported. */
  read(raw: R, reading: EventReading): E | undefined
  /** The event in words: "link r1:eth1 down". */
  render(event: E): string
  /** How it is written in words, for who types it. */
  readonly usage: string
  /** What a lab file would say for such words, without the first; unchecked. */
  rawOf(words: readonly string[]): Readonly<Record<string, string>>
  /** Whether it starts a machine, which must not happen beside what is measured. */
  startsMachine?(event: E): boolean
  /** Makes it happen; when this is done it has. @throws WirelabError of kind machinery */
  happen(event: E, means: EventMeans): Promise<void>
}

/** A mapping of keys to words in their order; keys without a word are left out, words without a key are no key's. */
export const keyed = (keys: readonly string[], words: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(words.map((word, at) => [keys[at] ?? word, word]))

/** What the reading of an event works with. */
export interface EventReading {
  /** Where the event stands. */
  readonly path: Path
  readonly topology: DeclaredTopology
  readonly report: Report
}

/** What an event is made to happen with. */
export interface EventMeans {
  readonly testbed: Testbed
  readonly impairments: Impairments
}
