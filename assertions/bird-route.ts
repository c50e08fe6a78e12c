import { z } from 'zod'
import type { Assertion, Judgement } from './assertion.ts'
import { birdKeys, birdProbe, protocolName, readBird } from './parts/birdc.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.nodeName.describe('The node on which BIRD runs.'),
  to: common.prefix.describe('The prefix, as "10.0.9.0/24".'),
  via: common.ipAddress.optional().describe('The next hop of the route that BIRD chose.'),
  dev: common.nicName.optional().describe('The interface of the route that BIRD chose.'),
  protocol: protocolName.optional().describe('The protocol from which BIRD has the route that it chose.'),
  table: protocolName.optional().describe("BIRD's table; any when left out."),
  is: common.presence.describe('Whether BIRD has chosen such a route.'),
  ...birdKeys,
})

interface Route {
  readonly protocol: string
  readonly kind: string
  readonly chosen: boolean
  readonly hops: readonly { readonly via?: string; readonly dev?: string }[]
}

type Parameters = z.infer<typeof parameters>

/** The route that BIRD chose for a prefix, which need not be the kernel's. */
export const birdRoute: Assertion<Parameters> = {
  description: 'The BIRD routing daemon has chosen a route to a prefix, or has none.',
  parameters,
  example: { on: 'r1', to: '10.0.4.0/24', via: '10.0.12.2', protocol: 'ospf1' },
  claim: ({ on, to, via, dev, protocol, table, is }) => {
    const way = `${phrase(' via ', via)}${phrase(' dev ', dev)}${phrase(' from ', protocol)}${phrase(' in table ', table)}`
    return `BIRD on ${on} has ${is === 'present' ? 'a' : 'no'} route to ${to}${way}`
  },
  question: ({ on, to, table }) =>
    `Which route to ${to} will BIRD on ${on} have${phrase(' in table ', table)}, if any?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  // Without a table, birdc would look in the default ones alone.
  probe: ({ on, to, dev, table = 'all', socket, is }) => [
    birdProbe(on, socket, `show route ${to} table ${table}`),
    ...placeProbe(is, on, dev),
  ],
  judge: (wanted, [answer, device]) => {
    const open = whyNoPlace(`${wanted.on}:${wanted.dev}`, device)
    if (open !== undefined) return open
    const output = readBird(answer)
    if (output.kind === 'unreadable') return inconclusive(`BIRD on ${wanted.on}: ${output.why}`)
    return judgeRoutes(wanted, output.text)
  },
}

function judgeRoutes({ on, to, via, dev, protocol, is }: Parameters, text: string): Judgement {
  const routes = parseRoutes(text)
  if (routes.length === 0 && !/^Network not found/m.test(text)) {
    return inconclusive(`BIRD on ${on}: ${text.trim().split('\n').at(-1) || 'it printed nothing'}`)
  }
  const chosen = routes.filter((route) => route.chosen)
  const there = chosen.some(
    (route) =>
      (protocol === undefined || route.protocol === protocol) &&
      ((via === undefined && dev === undefined) ||
        route.hops.some(
          (hop) => (via === undefined || common.sameAddress(hop.via, via)) && (dev ?? hop.dev) === hop.dev,
        )),
  )
  const list = chosen.map(renderRoute).join(' and ')
  return judged(
    there === (is === 'present'),
    list === '' ? `BIRD on ${on} has no route to ${to}` : `BIRD on ${on} has a route to ${to} ${list}`,
  )
}

/** A route is "PREFIX  unicast [core 08:59:53.946] * I (150/20)", its hops are indented below it. */
function parseRoutes(text: string): readonly Route[] {
  const routes: { protocol: string; kind: string; chosen: boolean; hops: { via?: string; dev?: string }[] }[] = []
  for (const line of text.split('\n')) {
    const head = /^(?:\S+)?\s+(\w+) \[(\w+) [^\]]*\]( \*)?/.exec(line)
    if (head !== null) {
      const [, kind = '', protocol = '', star] = head
      routes.push({ protocol, kind, chosen: star !== undefined, hops: [] })
      continue
    }
    const hop = /^\s+(?:via (\S+) on (\S+)|dev (\S+))/.exec(line)
    if (hop === null) continue
    const [, via, on, dev = on] = hop
    routes.at(-1)?.hops.push({ ...(via !== undefined && { via }), ...(dev !== undefined && { dev }) })
  }
  return routes
}

function renderRoute({ protocol, kind, hops }: Route): string {
  const ways = hops.map(({ via, dev }) => `${via === undefined ? '' : `via ${via} `}dev ${dev}`)
  return [kind === 'unicast' ? '' : kind, ways.join(' and '), `from ${protocol}`].filter(Boolean).join(' ')
}
