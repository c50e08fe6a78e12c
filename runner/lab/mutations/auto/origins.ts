import { shellWord } from '../../values/fill.ts'
import { placeholdersAndEscapes } from '../../values/placeholders.ts'
import type { Values } from '../../values/values.ts'
import type { MutableText } from './mutator.ts'

/** From where in the lab each part of a filled text comes. */
export interface Origins {
  /** The offset in the template; within a value, that of its placeholder's beginning, or end. */
  templateOffset(offset: number, edge: 'start' | 'end'): number
  /** The value whose text stands at just these offsets; undefined for other text. */
  valueAt(start: number, end: number): string | undefined
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly from: number
  readonly to: number
  readonly value?: string
}

/** Finds out where a text comes from, of which the values are filled in. */
export function originsOf({ text, origin }: MutableText, values: Values): Origins {
  const segments = segmentsOf(origin.template, values, origin.file === undefined)
  // A text of which this is not known is its own template.
  const known = segments.at(-1)?.end === text.length ? segments : []
  return {
    templateOffset(offset, edge) {
      const segment = known.find(({ start, end }) =>
        edge === 'start' ? offset < end : offset > start && offset <= end,
      )
      if (segment === undefined) return Math.min(offset, origin.template.length)
      if (segment.value === undefined) return segment.from + offset - segment.start
      return edge === 'start' ? segment.from : segment.to
    },
    valueAt: (start, end) =>
      known.find((segment) => segment.value !== undefined && segment.start === start && segment.end === end)?.value,
  }
}

function segmentsOf(template: string, { texts }: Values, isScript: boolean): readonly Segment[] {
  const segments: Segment[] = []
  let [at, from] = [0, 0]
  const add = (to: number, length: number, value?: string) => {
    segments.push({ start: at, end: at + length, from, to, ...(value === undefined ? {} : { value }) })
    at += length
    from = to
  }
  for (const { 0: whole, 1: name, index } of template.matchAll(placeholdersAndEscapes)) {
    add(index, index - from)
    if (name === undefined) {
      add(index + whole.length, whole.length - 1)
      continue
    }
    const text = texts.get(name)
    const filled = text === undefined ? whole : isScript ? shellWord(text) : text
    add(index + whole.length, filled.length, name)
  }
  add(template.length, template.length - from)
  return segments
}
