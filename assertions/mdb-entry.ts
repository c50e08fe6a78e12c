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
  group: common.ipAddress.describe('The multicast group, as "239.1.1.1".'),
  behind: common.nicName
    .optional()
    .describe('The port behind which a member is, or the bridge itself; any when left out.'),
  vlan: common.vlanId.optional().describe('The VLAN of the entry, on a bridge that filters VLANs.'),
  is: z
    .enum(['learned', 'static', 'absent'])
    .default('learned')
    .describe('learned from IGMP or MLD, set by hand (static), or not in the database (absent).'),
})

const listSchema = z.object({
  mdb: z.array(z.object({ port: z.string(), grp: z.string(), state: z.string(), vid: z.number().optional() })),
})

type Parameters = z.infer<typeof parameters>
type Entry = z.infer<typeof listSchema>['mdb'][number]

/** Whether a bridge knows a member of a multicast group, and behind which port. */
export const mdbEntry: Assertion<Parameters> = {
  description: "A bridge's multicast database holds a group behind a port, learned or static, or doesn't hold it.",
  parameters,
  example: { bridge: 'switch:br0', group: '239.1.1.1', behind: 'port1' },
  claim: ({ bridge, group, behind, vlan, is }) =>
    `${bridge} ${verbs[is]} group ${group}${phrase(' behind ', behind)}${phrase(' in VLAN ', vlan)}`,
  question: ({ bridge, group, vlan }) =>
    `Behind which port will ${bridge} know group ${group}${phrase(' in VLAN ', vlan)}, if at all?`,
  references: ({ bridge }) => common.endpointReference(bridge, 'bridge'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ bridge, behind, is }) => {
    const { node, nic } = common.splitEndpoint(bridge)
    const places = [...placeProbe(is, node, nic), ...placeProbe(is, node, behind)]
    return [command(node, 'bridge', '-j', 'mdb', 'show', 'dev', nic), ...places]
  },
  judge: judgeEntry,
}

const verbs = { learned: 'has learned', static: 'holds', absent: 'does not know' }

function judgeEntry(wanted: Parameters, [database, place, port]: readonly Answer[]): Judgement {
  const { bridge, group, is, behind, vlan } = wanted
  const open = whyNoPlace(bridge, place, 'bridge') ?? whyNoPlace(`${bridge}'s port ${behind}`, port, 'bridge or port')
  if (open !== undefined) return open
  const { objects, judgement } = readListing(listSchema, database, bridge, is === 'absent')
  if (judgement !== undefined) return judgement
  const [list] = objects
  if (list === undefined) return inconclusive(`${bridge}: bridge shows no multicast database`)
  const entries = list.mdb.filter(({ grp }) => common.sameAddress(grp, group))
  const those = entries.filter(
    (entry) =>
      (behind === undefined || entry.port === behind) &&
      (vlan === undefined || entry.vid === vlan) &&
      (is === 'absent' || (entry.state === 'permanent') === (is === 'static')),
  )
  const found = entries.length === 0 ? 'does not know' : `has ${entries.map(renderEntry).join(' and ')} for`
  return judged(those.length > 0 === (is !== 'absent'), `${bridge} ${found} group ${group}`)
}

const renderEntry = ({ port, vid, state }: Entry): string =>
  `${port}${phrase(' in VLAN ', vid)} (${state === 'permanent' ? 'static' : 'learned'})`
