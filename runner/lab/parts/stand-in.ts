import type { z } from 'zod'
import type { Path } from '../text/diagnostics.ts'
import { keptIn, keptPlaceholders } from '../values/placeholders.ts'

/** Parameters in which something stands for values that are known only when the lab runs. */
export interface StandIn {
  /** What can be checked. */
  readonly value: unknown
  readonly places: readonly Path[]
  /** What was checked, with the placeholders back in their places. */
  restore(checked: unknown): unknown
}

/** What commands print and labs keep: an address first, which is no node. */
const examples = ['192.0.2.1', '2001:db8::1', '192.0.2.1/24', '2001:db8::1/64', '02:00:00:00:00:01', 'x1', 1]

/** Puts in the place of each kept value what a schema takes there, if it takes any of the usual kinds. */
export function standIn(schema: z.ZodType, parameters: unknown): StandIn {
  const texts = new Map<string, string>()
  const places: Path[] = []
  change(parameters, (value, at) => {
    if (typeof value !== 'string' || keptIn(value).length === 0) return value
    texts.set(keyOf(at), value)
    places.push(at)
    return value
  })
  let value = parameters
  for (const place of places) {
    const tried = examples.map((example) => change(value, (part, at) => (isAt(at, place) ? put(example, part) : part)))
    const mistakes = tried.map((each) => schema.safeParse(each).error?.issues.length ?? 0)
    const least = Math.min(...mistakes)
    // What fits nowhere is shown as it stands in the file.
    if (least < (schema.safeParse(value).error?.issues.length ?? 0) || least === 0)
      value = tried[mistakes.indexOf(least)]
  }
  const restore = (checked: unknown) => change(checked, (part, at) => texts.get(keyOf(at)) ?? part)
  return { value, places, restore }
}

const put = (example: string | number, text: unknown): unknown => {
  const filled = String(text).replaceAll(keptPlaceholders, String(example))
  return typeof example === 'number' && filled === String(example) ? example : filled
}

/** The value with each scalar in it changed. */
function change(value: unknown, to: (scalar: unknown, at: Path) => unknown, at: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => change(item, to, [...at, index]))
  if (typeof value !== 'object' || value === null) return to(value, at)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, to, [...at, key])]))
}

const keyOf = (path: Path): string => JSON.stringify(path)

const isAt = (at: Path, place: Path): boolean => keyOf(at) === keyOf(place)
