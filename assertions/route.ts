import { z } from 'zod'
import type { Answer, Assertion, Judgement, Probe } from './assertion.ts'
import { command } from './parts/answer.ts'
import { type Listing, readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { holds, renderSubset } from './parts/subset.ts'
import { judged } from './parts/verdict.ts'

const wholeInternet = ['default', '0.0.0.0/0', '::/0']
const isEntry = (to: string) => wholeInternet.includes(to) || common.isPrefix(to)

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node whose routes are meant.'),
    to: z
      .union([z.literal('default'), common.address, common.prefix], {
        error: 'expected a prefix, as "10.0.9.0/24", "default" or an address, as "10.0.9.10"',
      })
      .describe(
        'A prefix or default: the entry of just this prefix. An address: the route that the kernel would take.',
      ),
    via: common.address.optional().describe('The next hop.'),
    dev: common.nicName.optional().describe('The interface by which packets leave.'),
    table: z
      .union([z.int().min(1), z.string().refine((text) => /^[A-Za-z]\w*$/.test(text))], {
        error: 'expected the number or the name of a routing table',
      })
      .optional()
      .describe('The routing table of the entry, main when left out.'),
    from: common.address.optional().describe("The packet's source address, when that decides."),
    has: common.members.optional().describe('What else "ip -j route" must report of it; more may stand beside it.'),
    is: common.presence.describe('Whether there is such a route.'),
  })
  .refine(({ to, table }) => table === undefined || isEntry(to), {
    path: ['table'],
    error: 'a table holds prefixes: the kernel chooses the table for an address itself',
  })
  .refine(({ to, from }) => from === undefined || !isEntry(to), {
    path: ['from'],
    error: "a source address decides the kernel's way to an address, not which prefixes are in a table",
  })

const hopSchema = z.object({
  gateway: z.string().optional(),
  via: z.object({ host: z.string() }).optional(),
  dev: z.string().optional(),
})
const routeSchema = z.looseObject({
  ...hopSchema.shape,
  type: z.string().optional(),
  nexthops: z.array(hopSchema).optional(),
})

type Parameters = z.infer<typeof parameters>
type Hop = z.infer<typeof hopSchema>
type Route = z.infer<typeof routeSchema>

/** Whether a node has a route: in a table, or as the kernel's choice for an address. */
export const route: Assertion<Parameters> = {
  description: 'A node has a route to a prefix in a table, or would send to an address by it; or has no such route.',
  parameters,
  example: { on: 'r1', to: '10.0.4.0/24', via: '10.0.12.2', dev: 'eth1' },
  claim: (wanted) =>
    `${wanted.on} has ${wanted.is === 'present' ? 'a' : 'no'} route to ${wanted.to}${renderWay(wanted)}`,
  question: ({ on, to, from, table }) =>
    `Which route to ${to}${phrase(' from ', from)} will ${on} have${phrase(' in table ', table)}, if any?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: (wanted) => [isEntry(wanted.to) ? probeEntry(wanted) : probeChoice(wanted)],
  judge: (wanted, [answer]) => judgeRoute(wanted, answer),
}

function probeEntry({ on, to, table = 'main' }: Parameters): Probe {
  const family = common.isIpv6(to) ? '-6' : '-4'
  const exact = wholeInternet.includes(to) ? 'default' : to
  return command(on, 'ip', family, '-j', 'route', 'show', 'exact', exact, 'table', `${table}`)
}

const probeChoice = ({ on, to, from }: Parameters): Probe =>
  command(on, 'ip', '-j', 'route', 'get', to, ...(from === undefined ? [] : ['from', from]))

function judgeRoute(wanted: Parameters, answer: Answer | undefined): Judgement {
  const { on, to, is } = wanted
  const { objects, judgement } = readRoutes(answer, `routes of ${on}`, is === 'absent')
  if (judgement !== undefined) return judgement
  const there = objects.some((entry) => isWanted(entry, wanted))
  const list = objects.map(renderRoute).join(' and ')
  return judged(
    there === (is === 'present'),
    `${on} has ${objects.length === 0 ? 'no route' : 'a route'} to ${to}${list}`,
  )
}

/** A table that was never filled doesn't exist, and a destination without a route is an error: no route, both. */
function readRoutes(answer: Answer | undefined, about: string, claimsAbsence: boolean): Listing<Route> {
  const none =
    /FIB table does not exist|^RTNETLINK answers: (?:Network is unreachable|No route to host|Invalid argument)/m
  if (answer !== undefined && !answer.timedOut && answer.exitCode === 2 && none.test(answer.stderr))
    return { objects: [] }
  return readListing(routeSchema, answer, about, claimsAbsence)
}

function isWanted(entry: Route, { via, dev, has }: Parameters): boolean {
  // An entry that refuses packets is no way to anywhere, unless it is asked for.
  if (['unreachable', 'blackhole', 'prohibit'].includes(entry.type ?? '') && !Object.hasOwn(has ?? {}, 'type'))
    return false
  const isWay = (hop: Hop) =>
    (via === undefined || common.sameAddress(gatewayOf(hop), via)) && (dev === undefined || hop.dev === dev)
  return hopsOf(entry).some(isWay) && holds(has ?? {}, entry)
}

const hopsOf = (entry: Route): readonly Hop[] => entry.nexthops ?? [entry]

const gatewayOf = ({ gateway, via }: Hop): string | undefined => gateway ?? via?.host

function renderRoute(entry: Route): string {
  const hops = hopsOf(entry).map((hop) => renderWay({ via: gatewayOf(hop), dev: hop.dev }))
  return `${entry.type === undefined ? '' : ` (${entry.type})`}${hops.join(' and')}`
}

function renderWay(way: {
  via?: string | undefined
  dev?: string | undefined
  from?: string | undefined
  table?: string | number | undefined
  has?: object | undefined
}): string {
  const has = way.has === undefined ? '' : ` with ${renderSubset(way.has)}`
  const hop = `${phrase(' from ', way.from)}${phrase(' via ', way.via)}${phrase(' dev ', way.dev)}`
  return `${hop}${phrase(' in table ', way.table)}${has}`
}
