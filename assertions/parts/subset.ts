/** One place where a value is not what was wanted. */
export interface Difference {
  /** As a person writes it: `linkinfo.info_data.mode`; empty for the whole value. */
  readonly path: string
  readonly wanted: unknown
  /** Undefined when nothing stands there. */
  readonly found: unknown
  /** The object of which `found` is, or would be, a member. */
  readonly beside?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Where `found` lacks what is `wanted`; empty when it holds it all. An object is held when each of its members is
 * (others may stand beside them), an array when each of its elements is held by some element, in any order;
 * anything else must be equal.
 */
export function differences(
  wanted: unknown,
  found: unknown,
  path = '',
  beside?: Difference['beside'],
): readonly Difference[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [{ path, wanted, found, beside }]
    return wanted
      .filter((element) => !found.some((candidate) => holds(element, candidate)))
      .map((element) => ({ path: `${path}[]`, wanted: element, found }))
  }
  if (isObject(wanted)) {
    if (!isObject(found)) return [{ path, wanted, found, beside }]
    return Object.entries(wanted).flatMap(([key, value]) => {
      const member = Object.hasOwn(found, key) ? found[key] : undefined
      return differences(value, member, path === '' ? key : `${path}.${key}`, found)
    })
  }
  return Object.is(wanted, found) ? [] : [{ path, wanted, found, beside }]
}

/** Whether `found` holds all that is `wanted`, as `differences` has it. */
export const holds = (wanted: unknown, found: unknown): boolean => differences(wanted, found).length === 0

/** The differences in one line: `mtu is 1500, not 1450; master is missing, not "bridge0"`. */
export const renderDifferences = (list: readonly Difference[]): string => list.map(renderDifference).join('; ')

/**
 * The differences in one line, each with what stands beside it: `[1].mtu is 1500, not 1450, beside "ifname":"eth1"`.
 * Of an array that lacks an object, those to the element that holds most of it, or to its only one.
 */
export const renderWithNeighbours = (list: readonly Difference[]): string =>
  list
    .flatMap(toClosest)
    .map((difference) => renderDifference(difference) + renderNeighbours(difference))
    .join('; ')

function toClosest(difference: Difference): readonly Difference[] {
  const { path, wanted, found } = difference
  if (!path.endsWith('[]') || !isObject(wanted) || !Array.isArray(found)) return [difference]
  const place = path.slice(0, -2)
  const leaves = pathsOf(wanted, '').length
  const lists = found.map((element, index) =>
    isObject(element) ? differences(wanted, element, `${place}[${index}]`) : [],
  )
  const [closest = []] = lists.filter(({ length }) => length > 0).toSorted((one, other) => one.length - other.length)
  const isClose = closest.length > 0 && (closest.length < leaves || found.length === 1)
  return isClose ? closest.flatMap(toClosest) : [difference]
}

function renderNeighbours({ path, beside = {} }: Difference): string {
  const others = Object.entries(beside).filter(([key]) => !path.endsWith(`.${key}`) && path !== key)
  const plain = (value: unknown) => typeof value !== 'object' || value === null
  const sorted = [...others.filter(([, value]) => plain(value)), ...others.filter(([, value]) => !plain(value))]
  const text = shorten(Object.fromEntries(sorted)).replace(/^\{|\}$/g, '')
  return text === '' ? '' : `, beside ${text}`
}

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
  const place = path.replace(/\[\]$/, '') || 'the value'
  if (path.endsWith('[]')) return `${place} ${shorten(found)} lacks ${shorten(wanted)}`
  return `${place} is ${found === undefined ? 'missing' : shorten(found)}, not ${shorten(wanted)}`
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
