import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { answerWaitMs } from './parts/answer-wait.ts'
import * as common from './parts/parameters.ts'
import { parsePing, pingProbe, pingsUnanswered, renderPingErrors } from './parts/ping-output.ts'
import { failed, inconclusive, judged, passed, whenNothingLeft } from './parts/verdict.ts'

const parameters = z.strictObject({
  from: common.nodeName.describe('The node that pings.'),
  to: common.target.describe('The address that it pings, or a node that declares its address.'),
  is: z
    .enum(['reachable', 'unreachable'])
    .describe('reachable: a reply comes. unreachable: three packets are really sent and none is answered.'),
  size: z.int().min(0).max(65_507).optional().describe('Bytes of payload; 28 fewer than the IPv4 packet has.'),
  df: z.boolean().optional().describe("Forbid fragments (IPv4's don't-fragment bit)."),
})

type Parameters = z.infer<typeof parameters>

/** Whether a node's ping is answered. */
export const ping: Assertion<Parameters> = {
  description: 'A node reaches an address by ping, or really tries and gets no answer.',
  parameters,
  example: { from: 'host', to: '10.0.3.78', is: 'reachable' },
  claim: ({ from, to, is, size, df }) =>
    `${from} ${is === 'reachable' ? 'reaches' : 'cannot reach'} ${to}${renderForm(size, df)}`,
  question: ({ from, to, size, df }) => `Will ${from} reach ${to}${renderForm(size, df)}?`,
  references: ({ from, to }) => [...common.nodeReference(from, 'from'), ...common.targetReference(to, 'to')],
  defaultWithinMs: ({ is }) => (is === 'reachable' ? 5000 : 0),
  probe: ({ from, to, is, size, df }, world) => {
    const address = common.addressOf(to, world)
    const waitMs = answerWaitMs(address, world)
    return [pingProbe(from, address, is, { size, df, own: world.addresses[from], waitMs })]
  },
  judge: ({ from, to, is }, [answer]) => judgePing(from, to, is, answer),
}

/** Judges one ping's answer; `found` starts with the pinging node's name. */
export function judgePing(
  from: string,
  to: string,
  is: 'reachable' | 'unreachable',
  answer: Answer | undefined,
): Judgement {
  if (answer === undefined) return inconclusive(`${from} was not asked to ping ${to}`)
  const result = parsePing(answer)
  switch (result.kind) {
    case 'no-way':
      return whenNothingLeft(is === 'reachable', `${from} could not ping ${to}: ${result.why}`)
    case 'not-sent':
      return inconclusive(`${from} could not ping ${to}: ${result.why}`)
    case 'answered': {
      const twice = result.duplicates === 0 ? '' : `, and ${result.duplicates} duplicates`
      const found = `${from} got ${result.received} of ${result.sent} pings answered by ${to}${twice}`
      return { ...judged(is === 'reachable', found), ...slowestOf([result]) }
    }
    case 'unanswered': {
      const errors = result.errors.length === 0 ? '' : ` (${renderPingErrors(result.errors)})`
      const found = `${from} got no answer from ${to} to ${result.sent === 1 ? 'a ping' : `${result.sent} pings`}${errors}`
      if (is === 'reachable') return failed(found)
      return result.sent < pingsUnanswered ? inconclusive(`${found}, not to ${pingsUnanswered}`) : passed(found)
    }
  }
}

/** The slowest round trip of several, where one was told. */
export function slowestOf(
  results: readonly { readonly roundTripMs?: number | undefined }[],
): Pick<Judgement, 'roundTripMs'> {
  const times = results.flatMap(({ roundTripMs }) => roundTripMs ?? [])
  return times.length === 0 ? {} : { roundTripMs: Math.max(...times) }
}

function renderForm(size: number | undefined, df: boolean | undefined): string {
  if (size === undefined) return df === true ? ' with unfragmented packets' : ''
  return ` with ${size} bytes${df === true ? ' unfragmented' : ''}`
}
