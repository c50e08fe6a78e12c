import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.endpoint.describe('The interface, as "host:eth0".'),
  has: z
    .union([common.ipAddress, common.prefix], {
      error: 'expected an IP address, as "10.0.3.1", or one with its prefix length, as "10.0.3.1/24"',
    })
    .describe('The address; with a prefix length, that too must be so.'),
  is: common.presence.describe('Whether the interface has the address.'),
})

const deviceSchema = z.object({
  addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })),
})

type Parameters = z.infer<typeof parameters>

/** Whether an interface has an IP address. */
export const address: Assertion<Parameters> = {
  description: 'An interface has an IP address, or does not have it.',
  parameters,
  example: { on: 'host:bridge0', has: '10.0.3.1/24' },
  claim: ({ on, has, is }) => `${on} ${is === 'present' ? 'has' : 'does not have'} the address ${has}`,
  question: ({ on, has }) => `Will ${on} have the address ${has}?`,
  references: ({ on }) => common.endpointReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on }) => {
    const { node, nic } = common.splitEndpoint(on)
    return [command(node, 'ip', '-j', 'address', 'show', 'dev', nic)]
  },
  judge: (wanted, [answer]) => judgeAddress(wanted, answer),
}

function judgeAddress({ on, has, is }: Parameters, answer: Answer | undefined): Judgement {
  const { objects, judgement } = readListing(deviceSchema, answer, on, is === 'absent')
  if (judgement !== undefined) return judgement
  if (objects.length === 0) return inconclusive(`${on}: ip neither shows nor misses it`)
  const [ip, length] = has.split('/')
  const held = objects.flatMap((device) => device.addr_info)
  const there = held.some(
    ({ local, prefixlen }) => common.sameAddress(local, ip) && (length === undefined || Number(length) === prefixlen),
  )
  const list = held.map(({ local, prefixlen }) => `${local}/${prefixlen}`).join(', ')
  return judged(there === (is === 'present'), `${on} has ${list === '' ? 'no address' : list}`)
}
