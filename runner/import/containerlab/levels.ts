import type { Path } from '../../lab/text/diagnostics.ts'
import { asMapping, fieldOf } from '../../lab/text/mapping.ts'

/** A mapping in which settings of a node may stand. */
export interface Level {
  readonly path: Path
  readonly mapping: Readonly<Record<string, unknown>>
}

/** The levels of a node's settings: its own, its group's, its kind's, the defaults. */
export type LevelsOf = (node: string) => readonly Level[]

/** A value and where it stands. */
export interface Setting {
  readonly value: unknown
  readonly path: Path
}

/** Finds the levels of the nodes in a `topology` mapping. */
export function levelsIn(topology: unknown): LevelsOf {
  const levelAt = (...keys: readonly string[]): readonly Level[] => {
    const mapping = asMapping(keys.reduce(fieldOf, topology))
    return mapping === undefined ? [] : [{ path: ['topology', ...keys], mapping }]
  }
  return (node) => {
    const own = levelAt('nodes', node)
    const defaults = levelAt('defaults')
    const group = settingOf([...own, ...defaults], 'group')?.value
    const nearest = [...own, ...(typeof group === 'string' ? levelAt('groups', group) : [])]
    const kind = settingOf([...nearest, ...defaults], 'kind')?.value
    return [...nearest, ...(typeof kind === 'string' ? levelAt('kinds', kind) : []), ...defaults]
  }
}

/** What the nearest level says of a key. */
export function settingOf(levels: readonly Level[], key: string): Setting | undefined {
  const level = levels.find(({ mapping }) => fieldOf(mapping, key) !== undefined && mapping[key] !== null)
  return level === undefined ? undefined : { value: level.mapping[key], path: [...level.path, key] }
}

/** The items of a list that all levels add to, the farthest level's first. */
export const itemsOf = (levels: readonly Level[], key: string): readonly Setting[] =>
  levels.toReversed().flatMap(({ mapping, path }) => {
    const list = mapping[key]
    return Array.isArray(list) ? list.map((value: unknown, at) => ({ value, path: [...path, key, at] })) : []
  })

/** The entries of a mapping that all levels add to; the nearest level's wins. */
export function entriesOf(levels: readonly Level[], key: string): ReadonlyMap<string, Setting> {
  const entries = new Map<string, Setting>()
  for (const { mapping, path } of levels.toReversed())
    for (const [name, value] of Object.entries(asMapping(mapping[key]) ?? {}))
      entries.set(name, { value, path: [...path, key, name] })
  return entries
}
