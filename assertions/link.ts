import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command, missingDevice } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { differences, keysOf, renderDifferences, renderSubset } from './parts/subset.ts'
import { failed, inconclusive, judged, passed } from './parts/verdict.ts'

const parameters = z
  .strictObject({
    on: common.endpoint.describe('The interface, as "host:eth0".'),
    has: common.members.optional().describe('What "ip -j -d link show" must report of it; more may stand beside it.'),
    is: common.presence.describe('Whether the interface is there.'),
  })
  .refine(({ has, is }) => has === undefined || is === 'present', {
    path: ['has'],
    error: 'an interface that is absent has nothing: leave out has, or is',
  })

type Parameters = z.infer<typeof parameters>

/** What the kernel reports of an interface, or that there is none of this name. */
export const link: Assertion<Parameters> = {
  description: 'An interface is there and has these properties, or is not there.',
  parameters,
  example: { on: 'container:eth0', has: { operstate: 'UP', mtu: 1500 } },
  claim: ({ on, has, is }) => {
    if (is === 'absent') return `${on} is absent`
    return has === undefined ? `${on} is present` : `${on} has ${renderSubset(has)}`
  },
  question: ({ on, has }) =>
    has === undefined ? `Will there be an interface ${on}?` : `What will ${on} show as ${keysOf(has)}?`,
  references: ({ on }) => common.endpointReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on }) => {
    const { node, nic } = common.splitEndpoint(on)
    return [command(node, 'ip', '-j', '-d', 'link', 'show', 'dev', nic)]
  },
  judge: ({ on, has, is }, [answer]) => (is === 'absent' ? judgeAbsent(on, answer) : judgePresent(on, has, answer)),
}

function judgeAbsent(on: string, answer: Answer | undefined): Judgement {
  if (answer !== undefined && !answer.timedOut && missingDevice(answer) !== undefined) return passed(`${on} is absent`)
  const { objects, judgement } = readListing(z.looseObject({}), answer, on, true)
  if (judgement !== undefined) return judgement
  return objects.length > 0 ? failed(`${on} is present`) : inconclusive(`${on}: ip neither shows nor misses it`)
}

function judgePresent(on: string, has: Parameters['has'], answer: Answer | undefined): Judgement {
  const { objects, judgement } = readListing(z.looseObject({}), answer, on, false)
  if (judgement !== undefined) return judgement
  const [device] = objects
  if (device === undefined) return inconclusive(`${on}: ip neither shows nor misses it`)
  const missing = differences(has ?? {}, device)
  const found = missing.length > 0 ? renderDifferences(missing) : has === undefined ? 'present' : renderSubset(has)
  return judged(missing.length === 0, `${on}: ${found}`)
}
