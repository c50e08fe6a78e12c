import { z } from 'zod'
import type { Assertion, Judgement } from './assertion.ts'
import { birdKeys, birdProbe, protocolName, readBird } from './parts/birdc.ts'
import { type DaemonRoute, judgeChosen, renderWanted, routeKeys } from './parts/daemon-route.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { inconclusive } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.nodeName.describe('The node on which BIRD runs.'),
  ...routeKeys,
  protocol: protocolName.optional().describe('The protocol from which BIRD has the route that it chose.'),
  table: protocolName.optional().describe("BIRD's table; any when left out."),
  ...birdKeys,
})

type Parameters = z.infer<typeof parameters>

/** The route that BIRD chose for a prefix, which need not be the kernel's. */
export const birdRoute: Assertion<Parameters> = {
  description: 'The BIRD routing daemon has chosen a route to a prefix, or has none.',
  parameters,
  example: { on: 'r1', to: '10.0.4.0/24', via: '10.0.12.2', protocol: 'ospf1' },
  claim: (wanted) => `BIRD on ${wanted.on} has ${renderWanted(wanted)}${phrase(' in table ', wanted.table)}`,
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

function judgeRoutes(wanted: Parameters, text: string): Judgement {
  const { on } = wanted
  const routes = parseRoutes(text)
  if (routes.length === 0 && !/^Network not found/m.test(text)) {
    return inconclusive(`BIRD on ${on}: ${text.trim().split('\n').at(-1) || 'it printed nothing'}`)
  }
  return judgeChosen(`BIRD on ${on}`, wanted, routes)
}

/** A route is "PREFIX  unicast [core 08:59:53.946] * I (150/20)", its hops are indented below it. */
function parseRoutes(text: string): readonly DaemonRoute[] {
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
