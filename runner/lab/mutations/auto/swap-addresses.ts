import { isIP } from 'node:net'
import type { Mutator } from './mutator.ts'
import { changesOf, type Spot, spotsOf } from './parts.ts'

/**
 * Swaps the two ends that a line names (from and to, source and destination, local and remote); elsewhere puts in the
 * place of an interface's address that of the next interface in the same network.
 */
export const swapAddresses: Mutator = {
  kind: 'other',
  changes: (step) => changesOf(step, (part) => endsIn(part) ?? otherEnds(part, step.nextAddress)),
}

const host = String.raw`(?:\d+(?:\.\d+){3}|[0-9a-f]{0,4}:(?=[0-9a-f]{0,4}:)[0-9a-f:]{1,38})`
const address = String.raw`${host}(?:\/\d+)?`
const ends = new RegExp(
  String.raw`(?<![\w-])(?:from|src|source|local|-s|saddr)\s+(?<from>${address}).*?\s(?:to|dst|destination|remote|-d|daddr)\s+(?<to>${address})(?![\w.:])`,
  'ds',
)

function endsIn(part: string): readonly (readonly Spot[])[] | undefined {
  const groups = ends.exec(part)?.indices?.groups
  const [from, to] = [groups?.['from'], groups?.['to']]
  if (from === undefined || to === undefined) return undefined
  const [one, other] = [part.slice(...from), part.slice(...to)]
  if (one === other) return []
  return [
    [
      { start: from[0], end: from[1], with: other },
      { start: to[0], end: to[1], with: one },
    ],
  ]
}

const addressAlone = new RegExp(String.raw`(?<![\w.:/-])(?<word>${host})(?![\w.:-])`, 'dg')

const otherEnds = (part: string, nextAddress: ReadonlyMap<string, string>) =>
  spotsOf(part, addressAlone, (word) => nextAddress.get(word))

const networkOf = (text: string): string => text.slice(0, Math.max(text.lastIndexOf('.'), text.lastIndexOf(':')))

/** For each address that commands give to interfaces, the next of those that differ from it in their last part only. */
export function nextAddresses(texts: readonly string[]): ReadonlyMap<string, string> {
  const networks = Map.groupBy(addressesGiven(texts), networkOf).values()
  return new Map(
    [...networks].flatMap((near) => near.map((one, at) => [one, near[(at + 1) % near.length] ?? one] as const)),
  )
}

const addressesGiven = (texts: readonly string[]): readonly string[] => [
  ...new Set(
    texts.flatMap((text) =>
      Array.from(
        text.matchAll(/\baddr(?:ess)?\s+(?:add\s+|replace\s+)?(\S+?)(?:\/\d+)?(?=\s|;|$)/g),
        ({ 1: given = '' }) => (isIP(given) === 0 ? [] : [given]),
      ).flat(),
    ),
  ),
]
