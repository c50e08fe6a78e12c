import type { Path, Report } from '../text/diagnostics.ts'
import { nearestWord } from '../text/nearest.ts'

/** Text of each value by name; undefined for one that is itself a reported mistake. */
export type Values = ReadonlyMap<string, string | undefined>

/** A value as it stands in the lab file, its own placeholders not yet filled in. */
export interface RawValue {
  /** Undefined when it is no text; that is reported. */
  readonly text: string | undefined
  readonly path: Path
}

export type RawValues = ReadonlyMap<string, RawValue>

/** Fills the placeholders that values hold of each other; reports unknown names and of circles. */
export function resolveValues(raw: RawValues, report: Report): Values {
  const resolved = new Map<string, string | undefined>()

  const resolve = (name: string, asked: readonly string[]): string | undefined => {
    if (resolved.has(name)) return resolved.get(name)
    const value = raw.get(name)
    if (value?.text === undefined) {
      resolved.set(name, undefined)
      return undefined
    }
    let whole = true
    const text = value.text.replaceAll(/\{\{([a-z0-9][a-z0-9_-]*)\}\}/g, (_, other: string) => {
      const part = follow(name, other, [...asked, name], value.path)
      if (part === undefined) whole = false
      return part ?? ''
    })
    resolved.set(name, whole ? text : undefined)
    return resolved.get(name)
  }

  const follow = (name: string, other: string, asked: readonly string[], path: Path): string | undefined => {
    if (asked.includes(other)) {
      const circle = [...asked.slice(asked.indexOf(other)), other]
      report(path, { message: `cannot fill in value "${name}": ${circle.join(' → ')} goes round in a circle` })
      return undefined
    }
    if (raw.has(other)) return resolve(other, asked)
    report(path, {
      message: `cannot fill in {{${other}}}: no value has this name`,
      nearest: nearestWord(other, raw.keys()),
    })
    return undefined
  }

  for (const name of raw.keys()) resolve(name, [])
  return resolved
}
