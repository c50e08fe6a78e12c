import { isIPv4 } from 'node:net'
import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { birdProbe, protocolName, readBird } from './parts/birdc.ts'
import { daemonKeys } from './parts/daemon.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { inconclusive, judged } from './parts/verdict.ts'
import { frrProbe, readFrr } from './parts/vtysh.ts'

/** RFC 2328, 10.1, as both daemons write them but for capitals. */
const states = ['full', 'loading', 'exchange', 'exstart', '2-way', 'init', 'attempt', 'down'] as const

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node on which the routing daemon runs.'),
    of: z
      .string()
      .refine((text) => isIPv4(text), { error: 'expected a router ID, as "10.0.12.2"' })
      .describe("The neighbour's router ID."),
    is: z
      .enum([...states, 'absent'])
      .default('full')
      .describe('The state that OSPF has with the neighbour, or absent.'),
    dev: common.nicName.optional().describe('The interface on which the neighbour is; any when left out.'),
    protocol: protocolName
      .optional()
      .describe("The protocol's name in BIRD's configuration, where it has several of OSPF."),
    ...daemonKeys,
  })
  .refine(({ protocol, daemon }) => protocol === undefined || daemon === 'bird', {
    path: ['protocol'],
    error: "only BIRD's protocols have names",
  })

const frrSchema = z.object({
  neighbors: z
    .record(
      z.string(),
      z.array(z.object({ nbrState: z.string().optional(), state: z.string().optional(), ifaceName: z.string() })),
    )
    .optional(),
})

type Parameters = z.infer<typeof parameters>

interface Neighbour {
  readonly id: string
  readonly state: string
  readonly dev: string
}

/** In which state OSPF is with a neighbour, by BIRD or FRR. */
export const ospfNeighbour: Assertion<Parameters> = {
  description:
    'OSPF, by the routing daemon BIRD or FRR (OSPFv2), is in a state with a neighbour, or has no such neighbour.',
  parameters,
  example: { on: 'r1', of: '10.0.12.2', dev: 'eth1' },
  claim: ({ on, of, dev, is }) =>
    is === 'absent'
      ? `OSPF on ${on} has no neighbour ${of}${phrase(' on ', dev)}`
      : `OSPF on ${on} is ${is} with ${of}${phrase(' on ', dev)}`,
  question: ({ on, of, dev }) => `In which state will OSPF on ${on} be with ${of}${phrase(' on ', dev)}, if in any?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on, is, dev, protocol, daemon, socket }) => [
    daemon === 'bird'
      ? birdProbe(on, socket, `show ospf neighbors${phrase(' ', protocol)}`)
      : frrProbe(on, socket, 'show ip ospf neighbor'),
    ...placeProbe(is, on, dev),
  ],
  judge: (wanted, [answer, device]) =>
    whyNoPlace(`${wanted.on}:${wanted.dev}`, device) ?? judgeNeighbours(wanted, answer),
}

function judgeNeighbours({ on, of, is, dev, daemon }: Parameters, answer: Answer | undefined): Judgement {
  const list = daemon === 'bird' ? readBirdNeighbours(answer) : readFrrNeighbours(answer)
  if (typeof list === 'string') return inconclusive(`OSPF on ${on}: ${list}`)
  const those = list.filter(({ id }) => id === of)
  const here = those.filter((neighbour) => dev === undefined || neighbour.dev === dev)
  const found = those.map(({ state, dev: nic }) => `${state} on ${nic}`).join(' and ')
  const holds = is === 'absent' ? here.length === 0 : here.some(({ state }) => state === is)
  return judged(holds, `OSPF on ${on} ${found === '' ? `has no neighbour ${of}` : `is ${found} with ${of}`}`)
}

/** A row is "10.0.1.2  1  Full/PtP  3.472  eth1  10.0.1.2", below a head that is there without rows too. */
function readBirdNeighbours(answer: Answer | undefined): readonly Neighbour[] | string {
  const output = readBird(answer)
  if (output.kind === 'unreadable') return `${output.why}${/^Unable to connect/.test(output.why) ? orFrr : ''}`
  if (!/^Router ID\s.*State/m.test(output.text)) return output.text.trim() || 'birdc printed nothing'
  return output.text.split('\n').flatMap((line) => {
    const [, id, state, dev] = /^(\d+\.\d+\.\d+\.\d+)\s+\d+\s+(\S+)\s+\S+\s+(\S+)/.exec(line) ?? []
    return id === undefined || state === undefined || dev === undefined ? [] : [{ id, state: stateOf(state), dev }]
  })
}

const orFrr = ' (where FRR runs: daemon: frr)'

/** FRR names an interface with its address, as "eth1:10.0.8.1". */
function readFrrNeighbours(answer: Answer | undefined): readonly Neighbour[] | string {
  const output = readFrr(frrSchema, answer)
  if (output.kind === 'unreadable') return output.why
  if (output.value.neighbors === undefined) return 'FRR has none set up'
  return Object.entries(output.value.neighbors).flatMap(([id, entries]) =>
    entries.map(({ nbrState, state = '', ifaceName }) => ({
      id,
      state: stateOf(nbrState ?? state),
      dev: ifaceName.replace(/:.*/, ''),
    })),
  )
}

/** Behind the slash stands the neighbour's role. */
const stateOf = (text: string): string => text.replace(/\/.*/, '').toLowerCase()
