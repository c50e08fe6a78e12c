import type { Loop } from '../schema/schema-loops.ts'
import type { Path } from '../text/diagnostics.ts'
import { type RawValues, readTexts } from './values.ts'

/** One time that something is done or claimed which is said once for several. */
export interface Round {
  /** A node, or any word. */
  readonly item: string
  /** The item under `name`, and the values that stand with it. */
  readonly values: RawValues
}

/** The rounds of a loop that stands at a path, in its order; placeholders call the item `name`. */
export function roundsOf(loop: Loop, path: Path, name: string): readonly Round[] {
  const entries: readonly (readonly [string, Readonly<Record<string, string>>])[] = Array.isArray(loop)
    ? loop.map((item) => [String(item), {}])
    : Object.entries(loop)
  return entries.map(([item, values], index) => {
    const at = [...path, Array.isArray(loop) ? index : item]
    return { item, values: new Map([[name, { text: item, path: at }], ...readTexts(values, at)]) }
  })
}

/** A name for one round: the item is added where the name has no placeholder, which would make it another each time. */
export const nameOfRound = (name: string, item: string): string => (name.includes('{{') ? name : `${name} (${item})`)
