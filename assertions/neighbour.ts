import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { macProbe, readMac } from './learned-mac.ts'
import { command } from './parts/answer.ts'
import { readListing } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { judged } from './parts/verdict.ts'

/** Of ip-neighbour(8), those that can be waited for. */
const states = ['permanent', 'reachable', 'stale', 'failed', 'incomplete'] as const

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node whose neighbours are meant.'),
    of: common.ipAddress.describe("The neighbour's address."),
    mac: common.station.optional().describe('The MAC address that is known for it, or the interface that has it.'),
    dev: common.nicName.optional().describe('The interface behind which the neighbour is.'),
    is: z
      .enum(['present', 'absent', ...states])
      .default('present')
      .describe('present: its MAC address is known. absent: it is not. Else the state of the entry.'),
  })
  .refine(({ mac, is }) => mac === undefined || (is !== 'failed' && is !== 'incomplete'), {
    path: ['mac'],
    error: 'a neighbour that is failed or incomplete has no MAC address',
  })

const entrySchema = z
  .object({ dev: z.string().optional(), lladdr: z.string().optional(), state: z.array(z.string()).optional() })
  // Without both it is no entry as ip lists them, and says nothing of what is known.
  .refine(({ lladdr, state }) => lladdr !== undefined || state !== undefined, { error: 'no lladdr and no state' })
  .transform(({ state = [], ...entry }) => ({ ...entry, state }))

type Parameters = z.infer<typeof parameters>
type Entry = z.infer<typeof entrySchema>

/** What a node knows of a neighbour, by ARP or neighbour discovery. */
export const neighbour: Assertion<Parameters> = {
  description: "A node knows a neighbour's MAC address, or doesn't, or has its entry in a state.",
  parameters,
  example: { on: 'host', of: '10.0.3.78', mac: 'container:eth0' },
  claim: ({ on, of, mac, dev, is }) => {
    const entry = `${of}${phrase(' as ', mac)}${phrase(' behind ', dev)}`
    if (is === 'absent') return `${on} does not know ${entry}`
    return is === 'present' ? `${on} knows ${entry}` : `${on} has ${entry} in state ${is}`
  },
  question: ({ on, of, mac, dev, is }) => {
    const place = phrase(' behind ', dev)
    if (is === 'present' || is === 'absent') return `As which MAC address will ${on} know ${of}${place}, if at all?`
    return `In which state${mac === undefined ? '' : ', and with which MAC address,'} will ${on} have ${of}${place}, if at all?`
  },
  references: ({ on, mac }) => [...common.nodeReference(on, 'on'), ...common.endpointReference(mac, 'mac')],
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on, of, mac, dev }) => [
    command(on, 'ip', '-j', 'neighbour', 'show', 'to', of, ...(dev === undefined ? [] : ['dev', dev]), 'nud', 'all'),
    ...(mac === undefined ? [] : macProbe(mac)),
  ],
  judge: judgeNeighbour,
}

function judgeNeighbour(wanted: Parameters, [listing, link]: readonly Answer[]): Judgement {
  const { on, of, mac, is } = wanted
  const { objects, judgement } = readListing(entrySchema, listing, `neighbours of ${on}`, is === 'absent')
  if (judgement !== undefined) return judgement
  const wantedMac = mac === undefined ? undefined : readMac(mac, link, is === 'absent')
  if (typeof wantedMac === 'object') return wantedMac

  const isWanted = (entry: Entry) =>
    (wantedMac === undefined || entry.lladdr?.toLowerCase() === wantedMac) &&
    (is === 'present' || is === 'absent' ? isKnown(entry) : entry.state.includes(is.toUpperCase()))
  const other = wantedMac === undefined || mac === wantedMac ? '' : `; ${mac} is ${wantedMac}`
  const list = objects.map(renderEntry).join(' and ')
  const found = list === '' ? `${on} does not know ${of}` : `${on} has ${of} ${list}${other}`
  return judged(objects.some(isWanted) === (is !== 'absent'), found)
}

const isKnown = ({ lladdr, state }: Entry): boolean =>
  lladdr !== undefined && !state.includes('FAILED') && !state.includes('INCOMPLETE')

const renderEntry = ({ lladdr, dev, state }: Entry): string =>
  `${lladdr === undefined ? '' : `as ${lladdr} `}behind ${dev} (${state.join(', ').toLowerCase() || 'no state'})`
