import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { differences, keysOf, renderDifferences, renderSubset } from './parts/subset.ts'
import { failed, judged, passed } from './parts/verdict.ts'

const parameters = z
  .strictObject({
    on: common.endpoint.describe('The port, as "switch:eth1".'),
    has: common.members
      .optional()
      .describe('What "bridge -j -d link show" must report of it, as state: blocking; more may stand beside it.'),
    is: common.presence.describe('Whether the interface is a port of a bridge.'),
  })
  .refine(({ has, is }) => has === undefined || is === 'present', {
    path: ['has'],
    error: 'what is no port has nothing: leave out has, or is',
  })

const portSchema = z.looseObject({ master: z.string().optional() })

type Parameters = z.infer<typeof parameters>

/** What a bridge reports of one of its ports: STP state, cost, hairpin and the like. */
export const bridgePort: Assertion<Parameters> = {
  description: 'An interface is a port of a bridge and has these properties, its STP state among them; or is no port.',
  parameters,
  example: { on: 'switch:eth1', has: { state: 'forwarding' } },
  claim: ({ on, has, is }) => {
    if (is === 'absent') return `${on} is no port of a bridge`
    return has === undefined ? `${on} is a port of a bridge` : `${on} is a port with ${renderSubset(has)}`
  },
  question: ({ on, has }) =>
    has === undefined ? `Will ${on} be a port of a bridge?` : `What will ${on} show as ${keysOf(has)}?`,
  references: ({ on }) => common.endpointReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on }) => {
    const { node, nic } = common.splitEndpoint(on)
    return [command(node, 'bridge', '-j', '-d', 'link', 'show', 'dev', nic)]
  },
  judge: (wanted, [answer]) => judgePort(wanted, answer),
}

function judgePort({ on, has, is }: Parameters, answer: Answer | undefined): Judgement {
  const { objects, judgement } = readListing(portSchema, answer, on, is === 'absent')
  if (judgement !== undefined) return judgement
  const [port] = objects
  const found = port === undefined ? `${on} is no port of a bridge` : `${on} is a port of ${port.master}`
  if (is === 'absent') return judged(port === undefined, found)
  if (port === undefined) return failed(found)
  const missing = differences(has ?? {}, port)
  if (missing.length > 0) return failed(`${on}: ${renderDifferences(missing)}`)
  return passed(has === undefined ? found : `${on} is a port with ${renderSubset(has)}`)
}
