import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  bridge: common.endpoint.describe('The bridge, as "host:bridge0".'),
  of: common.station.describe('Whose MAC address: an interface, as "container:eth0", or the address itself.'),
  behind: common.nicName.optional().describe("The bridge's port; any port when left out."),
  vlan: common.vlanId.optional().describe('The VLAN of the entry, on a bridge that filters VLANs.'),
  remote: common.ipAddress.optional().describe('The VXLAN peer to which the port sends frames for this MAC address.'),
  is: z
    .enum(['learned', 'static', 'absent'])
    .default('learned')
    .describe('learned from traffic, set by hand (static), or not in the database (absent).'),
})

const entrySchema = z.object({
  mac: z.string(),
  ifname: z.string().optional(),
  vlan: z.number().optional(),
  dst: z.string().optional(),
  state: z.string().optional(),
})
const linkSchema = z.object({ address: z.string().optional() })

type Entry = z.infer<typeof entrySchema>
type Parameters = z.infer<typeof parameters>

/** Whether a bridge has an interface's MAC address in its database, and behind which port. */
export const learnedMac: Assertion<Parameters> = {
  description:
    "A bridge's MAC database holds a station's address behind a port, learned or static, or doesn't hold it.",
  parameters,
  example: { bridge: 'host:bridge0', of: 'container:eth0', behind: 'veth0' },
  claim: (wanted) => `${wanted.bridge} ${verbs[wanted.is]} ${wanted.of}${renderPlace(wanted)}`,
  question: ({ bridge, of, behind, vlan, remote }) => {
    const port = behind !== undefined || remote === undefined ? ['behind which port'] : []
    const where = [...port, ...(remote === undefined ? [] : ['at which VXLAN peer'])].join(' and ')
    return `${where.charAt(0).toUpperCase()}${where.slice(1)} will ${bridge} know ${of}${phrase(' in VLAN ', vlan)}, if at all?`
  },
  references: ({ bridge, of }) => [
    ...common.endpointReference(bridge, 'bridge'),
    ...common.endpointReference(of, 'of'),
  ],
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ bridge, of, behind, is }) => {
    const { node, nic } = common.splitEndpoint(bridge)
    const places = [...placeProbe(is, node, nic), ...placeProbe(is, node, behind)]
    return [command(node, 'bridge', '-j', 'fdb', 'show', 'br', nic), ...macProbe(of), ...places]
  },
  judge: judgeEntry,
}

const verbs = { learned: 'has learned', static: 'holds', absent: 'does not know' }

/** The question for a station's MAC address: none when the parameter is the address itself. */
export function macProbe(of: string) {
  const { node, nic } = common.splitEndpoint(of)
  return common.isMac(of) ? [] : [command(node, 'ip', '-j', 'link', 'show', 'dev', nic)]
}

/** The station's MAC address in lower case, or why it can't be told. */
export function readMac(of: string, answer: Answer | undefined, claimsAbsence: boolean): string | Judgement {
  if (common.isMac(of)) return of.toLowerCase()
  const { objects, judgement } = readListing(linkSchema, answer, of, claimsAbsence)
  if (judgement !== undefined) return judgement
  return objects[0]?.address?.toLowerCase() ?? inconclusive(`${of}: ip shows no MAC address of it`)
}

function judgeEntry(wanted: Parameters, [database, ...others]: readonly Answer[]): Judgement {
  const { bridge, of, is, behind } = wanted
  const link = common.isMac(of) ? undefined : others[0]
  const [place, port] = others.slice(common.isMac(of) ? 0 : 1)
  const open = whyNoPlace(bridge, place, 'bridge') ?? whyNoPlace(`${bridge}'s port ${behind}`, port, 'bridge or port')
  if (open !== undefined) return open
  const { objects, judgement } = readListing(entrySchema, database, bridge, is === 'absent')
  if (judgement !== undefined) return judgement
  const mac = readMac(of, link, is === 'absent')
  if (typeof mac !== 'string') return mac

  const entries = objects.filter((entry) => entry.mac.toLowerCase() === mac)
  const matching = entries.filter((entry) => isAtPlace(entry, wanted))
  const those = matching.filter((entry) => is === 'absent' || isStatic(entry) === (is === 'static'))
  const name = common.isMac(of) ? mac : `${of} (${mac})`
  const found =
    entries.length === 0 ? `${bridge} does not know ${name}` : `${bridge} has ${name} ${renderEntries(entries)}`
  return judged(is === 'absent' ? those.length === 0 : those.length > 0, found)
}

const isAtPlace = (entry: Entry, { behind, vlan, remote }: Parameters): boolean =>
  (behind === undefined || entry.ifname === behind) &&
  (vlan === undefined || entry.vlan === vlan) &&
  (remote === undefined || common.sameAddress(entry.dst, remote))

/** A learned entry has no state, or one that says its age; only what was set stays for good (bridge(8), fdb). */
const isStatic = (entry: Entry): boolean => entry.state === 'permanent' || entry.state === 'static'

const renderPlace = ({ behind, vlan, remote }: Pick<Parameters, 'behind' | 'vlan' | 'remote'>): string =>
  `${phrase(' behind ', behind)}${phrase(' in VLAN ', vlan)}${phrase(' at ', remote)}`

function renderEntries(entries: readonly Entry[]): string {
  const places = entries.map((entry) => {
    const place = renderPlace({ behind: entry.ifname, vlan: entry.vlan, remote: entry.dst }).trim()
    return `${place} (${isStatic(entry) ? 'static' : 'learned'})`
  })
  return [...new Set(places)].join(' and ')
}
