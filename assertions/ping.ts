import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { answerWaitMs } from './parts/answer-wait.ts'
import { renderRange } from './parts/bounds.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import {
  type PingIs,
  parsePing,
  pingProbe,
  pingsUnanswered,
  type Refusal,
  refusals,
  renderPingErrors,
} from './parts/ping-output.ts'
import { failed, inconclusive, judged, passed, whenNothingLeft } from './parts/verdict.ts'

const percent = z.number().min(1).max(100).optional()

const parameters = z
  .strictObject({
    from: common.nodeName.describe('The node that pings.'),
    to: common.target.describe('The address that it pings, or a node that declares its address.'),
    is: z
      .enum(['reachable', 'unreachable', 'not-sent'])
      .describe(
        'reachable: a reply comes. unreachable: three packets are really sent and none is answered. not-sent: the node itself refuses to send one.',
      ),
    because: z
      .enum(refusals)
      .optional()
      .describe(
        'Why it is not sent: the node has no route, has one of this type, or the packet is too long. Any when left out.',
      ),
    size: z.int().min(0).max(65_507).optional().describe('Bytes of payload; 28 fewer than the IPv4 packet has.'),
    df: z.boolean().optional().describe("Forbid fragments (IPv4's don't-fragment bit)."),
    source: common.ipAddress.optional().describe('The address that it pings from.'),
    dev: common.nicName.optional().describe('The interface or VRF that it pings by.'),
    pings: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe('How many are sent, 0.1 s apart, when a share of them is claimed; 20 when left out.'),
    'at-least': percent.describe('So many percent of the pings are answered, or more.'),
    'at-most': percent.describe('So many percent of the pings are answered, or fewer, but not none.'),
  })
  .refine(({ is, because }) => because === undefined || is === 'not-sent', {
    path: ['because'],
    error: 'only what is not sent has a cause here: leave it out, or say is: not-sent',
  })
  .refine(({ is, 'at-least': least, 'at-most': most }) => is === 'reachable' || (least ?? most) === undefined, {
    path: ['is'],
    error: 'only who is reachable answers a share of pings',
  })
  .refine((wanted) => (wanted['at-least'] ?? 0) <= (wanted['at-most'] ?? 100), {
    error: 'expected at-least to be no more than at-most',
  })

type Parameters = z.infer<typeof parameters>

/** Whether a node's ping is answered, or even sent. */
export const ping: Assertion<Parameters> = {
  description: 'A node reaches an address by ping, really tries and gets no answer, or itself refuses to send.',
  parameters,
  example: { from: 'host', to: '10.0.3.78', is: 'reachable' },
  claim: (wanted) => {
    const { from, to, is, because } = wanted
    const end = is === 'not-sent' ? phrase(', because: ', because) : renderShare(wanted)
    return `${from} ${verbs[is]} ${to}${renderForm(wanted)}${end}`
  },
  question: (wanted) => {
    const { from, to } = wanted
    return claimsShare(wanted)
      ? `How many of ${pingsOf(wanted)} pings of ${from}${renderForm(wanted)} will ${to} answer?`
      : `Will ${from} reach ${to}${renderForm(wanted)}?`
  },
  references: ({ from, to }) => [...common.nodeReference(from, 'from'), ...common.targetReference(to, 'to')],
  defaultWithinMs: ({ is, 'at-most': most }) => (is === 'unreachable' || most !== undefined ? 0 : 5000),
  probe: (wanted, world) => {
    const { from, to, is, size, df, source, dev } = wanted
    const address = common.addressOf(to, world)
    const waitMs = answerWaitMs(address, world)
    const pings = claimsShare(wanted) ? pingsOf(wanted) : 1
    return [pingProbe(from, address, is, { size, df, source, dev, pings, own: world.addresses[from], waitMs })]
  },
  judge: (wanted, [answer]) => {
    const { from, to, is, because } = wanted
    if (!claimsShare(wanted)) return judgePing(from, to, is, answer, because)
    const judgement = judgePing(from, to, is, answer)
    const result = answer === undefined ? undefined : parsePing(answer)
    if (result?.kind !== 'answered') return judgement
    if (result.sent < pingsOf(wanted)) return inconclusive(`${judgement.found}, not of ${pingsOf(wanted)}`)
    return { ...judgement, ...judged(isWithin(wanted, (100 * result.received) / result.sent), judgement.found) }
  },
}

const verbs = { reachable: 'reaches', unreachable: 'cannot reach', 'not-sent': 'itself refuses to ping' }

const pingsOf = ({ pings = 20 }: Pick<Parameters, 'pings'>): number => pings

const claimsShare = (wanted: Pick<Parameters, 'at-least' | 'at-most'>): boolean =>
  wanted['at-least'] !== undefined || wanted['at-most'] !== undefined

const isWithin = (wanted: Parameters, share: number): boolean =>
  share >= (wanted['at-least'] ?? 0) && share <= (wanted['at-most'] ?? 100)

const renderShare = (wanted: Parameters): string =>
  claimsShare(wanted) ? `, which answers ${renderRange(wanted)} % of ${pingsOf(wanted)} pings` : ''

/** Judges one ping's answer; `found` starts with the pinging node's name. */
export function judgePing(
  from: string,
  to: string,
  is: PingIs,
  answer: Answer | undefined,
  because?: Refusal,
): Judgement {
  if (answer === undefined) return inconclusive(`${from} was not asked to ping ${to}`)
  const result = parsePing(answer)
  switch (result.kind) {
    case 'no-way':
      if (is === 'not-sent' && result.refusal !== undefined)
        return judged((because ?? result.refusal) === result.refusal, `${from} could not ping ${to}: ${result.why}`)
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
      if (is !== 'unreachable') return failed(found)
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

function renderForm({ size, df, source, dev }: Parameters): string {
  const whole = df === true ? ' unfragmented' : ''
  const form = size === undefined ? whole.replace(/.+/, ' with unfragmented packets') : ` with ${size} bytes${whole}`
  return `${form}${phrase(' from ', source)}${phrase(' by ', dev)}`
}
