/** One place where a value is not what was wanted. */
export interface Difference {
  /** As a person writes it: `linkinfo.info_data.mode`; empty for the whole value. */
  readonly path: string
  readonly wanted: unknown
  /** Undefined when nothing stands there. */
  readonly found: unknown
}

/**
 * Where `found` lacks what is `wanted`; empty when it holds it all. An object is held when each of its members is
 * (others may stand beside them), an array when each of its elements is held by some element, in any order;
 * anything else must be equal.
 */
export function differences(wanted: unknown, found: unknown, path = ''): readonly Difference[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [{ path, wanted, found }]
    return wanted
      .filter((element) => !found.some((candidate) => holds(element, candidate)))
      .map((element) => ({ path: `${path}[]`, wanted: element, found }))
  }
  if (isObject(wanted)) {
    if (!isObject(found)) return [{ path, wanted, found }]
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(value, Object.hasOwn(found, key) ? found[key] : undefined, path === '' ? key : `${path}.${key}`),
    )
  }
  return Object.is(wanted, found) ? [] : [{ path, wanted, found }]
}

/** Whether `found` holds all that is `wanted`, as `differences` has it. */
export const holds = (wanted: unknown, found: unknown): boolean => differences(wanted, found).length === 0

/** The differences in one line: `mtu is 1500, not 1450; master is missing, not "bridge0"`. */
export const renderDifferences = (list: readonly Difference[]): string => list.map(renderDifference).join('; ')

/** The wanted members in one line: `mtu 1450, linkinfo.info_kind "bridge"`. */
export function renderSubset(wanted: unknown, path = ''): string {
  if (!isObject(wanted)) return `${path} ${JSON.stringify(wanted)}`.trim()
  return Object.entries(wanted)
    .map(([key, value]) => renderSubset(value, path === '' ? key : `${path}.${key}`))
    .join(', ')
}

/** The names of the wanted members, as `renderSubset` shows them: `operstate, mtu and linkinfo.info_kind`. */
export const keysOf = (wanted: object): string =>
  pathsOf(wanted, '')
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ')

function pathsOf(wanted: unknown, path: string): readonly string[] {
  if (!isObject(wanted) || Object.keys(wanted).length === 0) return [path]
  return Object.entries(wanted).flatMap(([key, value]) => pathsOf(value, path === '' ? key : `${path}.${key}`))
}

function renderDifference({ path, wanted, found }: Difference): string {
  const place = path === '' ? 'the value' : path
  if (path.endsWith('[]')) return `${place.slice(0, -2)} ${shorten(found)} lacks ${shorten(wanted)}`
  return `${place} is ${found === undefined ? 'missing' : shorten(found)}, not ${shorten(wanted)}`
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
