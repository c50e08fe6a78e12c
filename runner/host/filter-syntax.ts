import { spawnSync } from 'node:child_process'

const limitMs = 2000
/** So many filters of one call are looked at. */
const maxAsked = 100
/** What was said of each filter. */
const known = new Map<string, string>()
const maxKnown = 1000
let isAble: boolean | undefined

/** What the host's tcpdump says against pcap filters, by filter; nothing where it can't be asked. */
export function filterMistakes(filters: Iterable<string>): ReadonlyMap<string, string> {
  const asked = [...new Set(filters)].slice(0, maxAsked)
  if (asked.length > 0) isAble ??= compile('icmp') === ''
  if (!isAble) return new Map()
  if (known.size > maxKnown) known.clear()
  const said = asked.map((filter) => {
    const answer = known.get(filter) ?? compile(filter) ?? ''
    known.set(filter, answer)
    return [filter, answer] as const
  })
  return new Map(said.filter(([, answer]) => answer !== ''))
}

/** What tcpdump says when it compiles a filter for Ethernet; empty when it can, undefined when it could not try. */
function compile(filter: string): string | undefined {
  const { status, stderr } = spawnSync('tcpdump', ['-d', '-y', 'EN10MB', '--', filter], {
    encoding: 'utf8',
    timeout: limitMs,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status === 0) return ''
  return status === null ? undefined : /^tcpdump: (.*)$/m.exec(stderr)?.[1]
}
