import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { whyNotRun } from './parts/answer.ts'
import { parseJson } from './parts/json-answer.ts'
import * as common from './parts/parameters.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const seconds = 3
const rate = z.number().positive().optional()

const parameters = z
  .strictObject({
    from: common.nodeName.describe('The node that sends, by TCP.'),
    to: common.target.describe('The address of an iperf3 server, or a node that declares its address.'),
    port: common.port.default(5201).describe("The server's port."),
    'at-least': rate.describe('So many Mbit/s or more, as they arrive: headers are not counted.'),
    'at-most': rate.describe('So many Mbit/s or fewer.'),
  })
  .refine((wanted) => wanted['at-least'] !== undefined || wanted['at-most'] !== undefined, {
    error: 'expected at-least, or at-most, or both',
  })
  .refine((wanted) => (wanted['at-least'] ?? 0) <= (wanted['at-most'] ?? Number.POSITIVE_INFINITY), {
    error: 'expected at-least to be no more than at-most',
  })

const reportSchema = z.object({ end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }) })
const errorSchema = z.object({ error: z.string() })

type Parameters = z.infer<typeof parameters>

/** How fast a TCP transfer goes, as the receiver counts it. */
export const transferRate: Assertion<Parameters> = {
  description: `A TCP transfer of ${seconds} seconds between two nodes goes at a rate, measured by iperf3.`,
  parameters,
  example: { from: 'bob', to: 'eve', 'at-least': 3.6, 'at-most': 4.4 },
  measuresTime: true,
  claim: (wanted) => `${wanted.from} sends to ${wanted.to} at ${renderRange(wanted)} Mbit/s`,
  question: ({ from, to }) => `How fast will ${from} send to ${to}?`,
  references: ({ from, to }) => [...common.nodeReference(from, 'from'), ...common.targetReference(to, 'to')],
  defaultWithinMs: () => 0,
  probe: ({ from, to, port }, world) => [
    {
      kind: 'command',
      node: from,
      // The first second, in which TCP finds out how fast it may go, is left out.
      argv: ['iperf3', '-J', '-O', '1', '-t', `${seconds}`, '-p', `${port}`, '-c', common.addressOf(to, world)],
      timeoutMs: 20_000,
    },
  ],
  judge: (wanted, [answer]) => judgeRate(wanted, answer),
}

function judgeRate(wanted: Parameters, answer: Answer | undefined): Judgement {
  const { from, to } = wanted
  const problem = answer === undefined ? 'not asked' : whyNotRun(answer)
  if (answer === undefined || problem !== undefined) return inconclusive(`${from} could not send to ${to}: ${problem}`)
  const json = parseJson(answer)
  const value = json.ok ? json.value : undefined
  // A transfer that broke has a report as well, of what arrived until then.
  const error = errorSchema.safeParse(value)
  if (error.success) return inconclusive(`${from} could not send to ${to}: ${error.data.error}`)
  const report = reportSchema.safeParse(value)
  if (!report.success) return inconclusive(`what iperf3 printed on ${from} is no report of a transfer`)
  const mbits = report.data.end.sum_received.bits_per_second / 1e6
  const found = `${from} sends to ${to} at ${mbits.toFixed(2)} Mbit/s`
  const waitedMs = answer.waitedMs ?? 0
  const hadItNotWaited = mbits / Math.max(1 - waitedMs / (seconds * 1000), 0.01)
  if (mbits < least(wanted) && hadItNotWaited >= least(wanted))
    return inconclusive(`the machines were too busy to tell: ${found}, and waited ${Math.round(waitedMs)} ms of it`)
  return judged(isWithin(wanted, mbits), found)
}

const least = (wanted: Parameters): number => wanted['at-least'] ?? 0

const isWithin = (wanted: Parameters, mbits: number): boolean =>
  mbits >= least(wanted) && mbits <= (wanted['at-most'] ?? Number.POSITIVE_INFINITY)

function renderRange({ 'at-least': from, 'at-most': most }: Parameters): string {
  if (most === undefined) return `${from} or more`
  return from === undefined ? `${most} or fewer` : `${from} to ${most}`
}
