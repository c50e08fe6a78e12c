import { z } from 'zod'
import type { Answer, Assertion, Judgement, Probe } from './assertion.ts'
import { command } from './parts/answer.ts'
import { type Listing, readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { holds, renderSubset } from './parts/subset.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const wholeInternet = ['default', '0.0.0.0/0', '::/0']
const isEntry = (to: string) => wholeInternet.includes(to) || common.isPrefix(to)

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node whose routes are meant.'),
    to: z
      .union([z.literal('default'), common.ipAddress, common.prefix], {
        error: 'expected a prefix, as "10.0.9.0/24", "default" or an address, as "10.0.9.10"',
      })
      .describe(
        'A prefix: the entry of just this prefix. default: that of either family, or of that of via; 0.0.0.0/0 and ::/0 say which. An address: the route that the kernel would take.',
      ),
    via: common.ipAddress.optional().describe('The next hop.'),
    dev: common.nicName.optional().describe('The interface by which packets leave.'),
    table: z
      .union([z.int().min(1), z.string().refine((text) => /^[A-Za-z]\w*$/.test(text))], {
        error: 'expected the number or the name of a routing table',
      })
      .optional()
      .describe('The routing table of the entry, main when left out.'),
    from: common.ipAddress.optional().describe("The packet's source address, when that decides."),
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
  probe: (wanted) => [
    ...(isEntry(wanted.to) ? probeEntries(wanted) : [probeChoice(wanted)]),
    ...placeProbe(wanted.is, wanted.on, wanted.dev),
    ...probeSource(wanted),
  ],
  judge: judgeRoute,
}

function probeEntries({ on, to, via, table = 'main' }: Parameters): readonly Probe[] {
  const exact = wholeInternet.includes(to) ? 'default' : to
  return familiesOf(to, via).map((family) =>
    command(on, 'ip', family, '-j', 'route', 'show', 'exact', exact, 'table', `${table}`),
  )
}

/** The families in which there may be such a route. */
function familiesOf(to: string, via: string | undefined): readonly ('-4' | '-6')[] {
  if (to === 'default' && via === undefined) return ['-4', '-6']
  return [common.isIpv6(to === 'default' ? (via ?? to) : to) ? '-6' : '-4']
}

const probeChoice = ({ on, to, from }: Parameters): Probe =>
  command(on, 'ip', '-j', 'route', 'get', to, ...(from === undefined ? [] : ['from', from]))

/** To an address that isn't the node's own, the kernel answers as to one that has no route. */
const probeSource = ({ on, from, is }: Parameters): readonly Probe[] =>
  from === undefined || is === 'present'
    ? []
    : [command(on, 'ip', common.isIpv6(from) ? '-6' : '-4', '-j', 'address', 'show', 'to', from)]

function judgeRoute(wanted: Parameters, answers: readonly Answer[]): Judgement {
  const { on, to, is, via, dev, from } = wanted
  const count = isEntry(to) ? familiesOf(to, via).length : 1
  const rest = answers.slice(count)
  const open = whyNoPlace(`${on}:${dev}`, dev === undefined || is === 'present' ? undefined : rest.shift())
  if (open !== undefined) return open
  const source = rest[0] && readListing(z.looseObject({}), rest[0], `addresses of ${on}`, true)
  if (source?.judgement !== undefined) return source.judgement
  if (source?.objects.length === 0) return inconclusive(`${on} has no address ${from} from which it could send`)

  const objects: Route[] = []
  for (const answer of count === 1 ? [answers[0]] : answers.slice(0, count)) {
    const listing = readRoutes(answer, `routes of ${on}`, is === 'absent')
    if (listing.judgement !== undefined) return listing.judgement
    objects.push(...listing.objects)
  }
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
