import type { Path, Report } from '../text/diagnostics.ts'
import { nearestWord } from '../text/nearest.ts'
import type { Allowance } from './allowance.ts'
import { placeholdersAndEscapes } from './placeholders.ts'

/** The values of a variant. */
export interface Values {
  /** Text of each value by name; undefined for one that is itself a reported mistake. */
  readonly texts: ReadonlyMap<string, string | undefined>
  /** Files of the lab with these values filled in, by absolute path. */
  readonly files: Map<string, Uint8Array>
  /** What they may be filled into. */
  readonly allowance: Allowance
}

/** A value as it stands in the lab file, its own placeholders not yet filled in. */
export interface RawValue {
  /** Undefined when it is no text; that is reported. */
  readonly text: string | undefined
  readonly path: Path
}

export type RawValues = ReadonlyMap<string, RawValue>

/** Values that stand at a path, which are all texts. */
export const readTexts = (values: Readonly<Record<string, string>>, path: Path): RawValues =>
  new Map(Object.entries(values).map(([name, text]) => [name, { text, path: [...path, name] }]))

/** Values that hold each other may multiply. */
const maxLength = 16_384
const maxDepth = 50

/** Fills the placeholders that values hold of each other; reports unknown names, circles, and what grows too large. */
export function resolveValues(raw: RawValues, allowance: Allowance, report: Report): Values {
  const resolved = new Map<string, string | undefined>()

  const resolve = (name: string, asked: readonly string[]): string | undefined => {
    if (resolved.has(name)) return resolved.get(name)
    const value = raw.get(name)
    const text = value?.text === undefined ? undefined : fill(name, value.text, [...asked, name], value.path)
    resolved.set(name, text)
    return text
  }

  const fill = (name: string, text: string, asked: readonly string[], path: Path): string | undefined => {
    let isWhole = true
    let length = text.length
    const filled = text.replaceAll(placeholdersAndEscapes, (_, other: string | undefined) => {
      if (other === undefined) return '{{'
      const part = length > maxLength ? '' : follow(name, other, asked, path)
      if (part === undefined) isWhole = false
      length += part?.length ?? 0
      return part ?? ''
    })
    if (length <= maxLength) return isWhole ? filled : undefined
    report(path, { message: `cannot fill in value "${name}": it grows beyond ${maxLength} characters` })
    return undefined
  }

  const follow = (name: string, other: string, asked: readonly string[], path: Path): string | undefined => {
    if (asked.includes(other)) {
      const circle = [...asked.slice(asked.indexOf(other)), other]
      report(path, { message: `cannot fill in value "${name}": ${circle.join(' → ')} goes round in a circle` })
      return undefined
    }
    if (asked.length > maxDepth) {
      report(path, { message: `cannot fill in value "${name}": more than ${maxDepth} values hold each other` })
      return undefined
    }
    if (raw.has(other)) return resolve(other, asked)
    report(path, {
      message: `cannot fill in {{${other}}}: no value has this name`,
      nearest: () => nearestWord(other, raw.keys()),
    })
    return undefined
  }

  for (const name of raw.keys()) resolve(name, [])
  return { texts: resolved, files: new Map(), allowance }
}
