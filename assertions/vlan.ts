import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { ifSo } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.endpoint.describe('The port, as "switch:eth1", or the bridge itself.'),
  vlan: common.vlanId.describe('The VLAN ID.'),
  pvid: z.boolean().optional().describe('Whether frames that come in untagged belong to this VLAN.'),
  untagged: z.boolean().optional().describe('Whether its frames go out untagged.'),
  is: common.presence.describe('Whether the port is a member of the VLAN.'),
})

const portSchema = z.object({
  vlans: z.array(z.object({ vlan: z.int(), vlanEnd: z.int().optional(), flags: z.array(z.string()).default([]) })),
})

type Parameters = z.infer<typeof parameters>
type Member = z.infer<typeof portSchema>['vlans'][number]

/** Whether a port of a bridge that filters VLANs is a member of one. */
export const vlan: Assertion<Parameters> = {
  description: 'A port of a VLAN-filtering bridge is a member of a VLAN, tagged or untagged, or is not.',
  parameters,
  example: { on: 'switch:eth1', vlan: 10, untagged: true, pvid: true },
  claim: (wanted) =>
    `${wanted.on} is ${wanted.is === 'present' ? 'a' : 'no'} member of VLAN ${wanted.vlan}${renderForm(wanted)}`,
  question: ({ on, vlan, untagged, pvid }) => {
    const more = ifSo(untagged !== undefined && 'tagged or untagged', pvid !== undefined && 'as its PVID or not')
    return `Will ${on} be a member of VLAN ${vlan}${more}?`
  },
  references: ({ on }) => common.endpointReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on, is }) => {
    const { node, nic } = common.splitEndpoint(on)
    return [command(node, 'bridge', '-j', 'vlan', 'show', 'dev', nic), ...placeProbe(is, node, nic)]
  },
  judge: (wanted, [answer, port]) => whyNoPlace(wanted.on, port, 'bridge or port') ?? judgeVlan(wanted, answer),
}

function judgeVlan(wanted: Parameters, answer: Answer | undefined): Judgement {
  const { objects, judgement } = readListing(portSchema, answer, wanted.on, wanted.is === 'absent')
  if (judgement !== undefined) return judgement
  const members = objects.flatMap(({ vlans }) => vlans)
  const there = members.some((member) => isWanted(member, wanted))
  const list = members.map(renderMember).join(', ')
  return judged(
    there === (wanted.is === 'present'),
    `${wanted.on} is ${list === '' ? 'in no VLAN' : `in VLAN ${list}`}`,
  )
}

const isWanted = ({ vlan: first, vlanEnd = first, flags }: Member, { vlan, pvid, untagged }: Parameters): boolean =>
  first <= vlan &&
  vlan <= vlanEnd &&
  (pvid === undefined || pvid === flags.includes('PVID')) &&
  (untagged === undefined || untagged === flags.includes('Egress Untagged'))

const renderMember = ({ vlan: first, vlanEnd, flags }: Member): string =>
  `${first}${vlanEnd === undefined ? '' : `-${vlanEnd}`}${flags.length === 0 ? '' : ` (${flags.join(', ')})`}`

function renderForm({ pvid, untagged }: Parameters): string {
  const words = [
    ...(untagged === undefined ? [] : [untagged ? 'untagged' : 'tagged']),
    ...(pvid === undefined ? [] : [pvid ? 'as its PVID' : 'not as its PVID']),
  ]
  return words.length === 0 ? '' : `, ${words.join(', ')}`
}
