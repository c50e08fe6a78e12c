import { z } from 'zod'
import type { Answer, Assertion, CommandProbe, Judgement } from './assertion.ts'
import { command, missingDevice } from './parts/answer.ts'
import * as bounds from './parts/bounds.ts'
import { whyUnreadable } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node whose kernel counts.'),
    dev: common.nicName.optional().describe('The interface that counts; the network stack (nstat) when left out.'),
    of: z
      .string()
      .refine((text) => /^[A-Za-z]\w*$/.test(text), { error: 'expected the name of a counter, as "IpOutNoRoutes"' })
      .describe(
        'The counter: IpOutNoRoutes, TcpRetransSegs and others as nstat names them; of an interface rx_packets, tx_dropped and others, or as "ethtool -S" names them.',
      ),
    seconds: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe('By how much it grows in so many seconds. When left out: what it counted since the node began.'),
    ...bounds.boundKeys,
  })
  .refine(bounds.isBounded, bounds.boundsWanted)

/** What `ip -s link` shows of every interface: struct rtnl_link_stats64, as ip names its members. */
const ofEveryLink = /^(rx|tx)_(packets|bytes|errors|dropped|over_errors|multicast|carrier_errors|collisions)$/

const stackSchema = z.object({ kernel: z.record(z.string(), z.number()) })
const linkSchema = z.tuple([z.object({ stats64: z.record(z.string(), z.record(z.string(), z.number())) })])

type Parameters = z.infer<typeof parameters>

/** How much a counter of the kernel or of an interface has counted. */
export const kernelCounter: Assertion<Parameters> = {
  description: "A counter of a node's network stack or of an interface has a value, or grows by it in some seconds.",
  parameters,
  example: { on: 'router', of: 'IpOutNoRoutes', 'at-least': 1 },
  claim: (wanted) =>
    wanted.seconds === undefined
      ? `${nameOf(wanted)} is ${bounds.renderRange(wanted)}`
      : `${nameOf(wanted)} grows by ${bounds.renderRange(wanted)} in ${wanted.seconds} s`,
  question: (wanted) =>
    wanted.seconds === undefined
      ? `What will ${nameOf(wanted)} be?`
      : `By how much will ${nameOf(wanted)} grow in ${wanted.seconds} s?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: bounds.defaultWithinMs,
  probe: (wanted) => [probeCounter(wanted)],
  judge: (wanted, [answer]) => judgeCounter(wanted, answer),
}

const nameOf = ({ on, dev, of }: Parameters): string => `${of} on ${on}${phrase(':', dev)}`

function probeCounter({ on, dev, of, seconds, 'at-least': least }: Parameters): CommandProbe {
  const argv = questionOf(dev, of)
  if (seconds === undefined) return command(on, ...argv)
  // What a machine that is held up doesn't count is no proof that it counts nothing.
  const silence = least === undefined && { silenceMs: seconds * 1000 }
  const script = `"$@" && sleep ${seconds} && "$@"`
  return {
    kind: 'command',
    node: on,
    argv: ['sh', '-c', script, 'sh', ...argv],
    typed: argv,
    timeoutMs: 10_000 + seconds * 1000,
    ...silence,
  }
}

function questionOf(dev: string | undefined, of: string): [string, ...string[]] {
  if (dev === undefined) return ['nstat', '-jasz', of]
  return ofEveryLink.test(of) ? ['ip', '-j', '-s', 'link', 'show', 'dev', dev] : ['ethtool', '-S', dev]
}

function judgeCounter(wanted: Parameters, answer: Answer | undefined): Judgement {
  const device = answer === undefined ? undefined : missingDevice(answer)
  const problem = device === undefined ? whyUnreadable(answer) : `there is no device ${device}`
  if (answer === undefined || problem !== undefined) return inconclusive(`${nameOf(wanted)}: ${problem}`)
  const values = readValues(wanted, answer.stdout)
  const [first, last = first] = values
  if (first === undefined || last === undefined || values.length !== (wanted.seconds === undefined ? 1 : 2))
    return inconclusive(`${nameOf(wanted)}: no such counter is shown`)
  if (wanted.seconds === undefined) return judged(bounds.isWithin(wanted, first), `${nameOf(wanted)} is ${first}`)
  if (last < first) return inconclusive(`${nameOf(wanted)} fell from ${first} to ${last}`)
  return judged(
    bounds.isWithin(wanted, last - first),
    `${nameOf(wanted)} grows by ${last - first} in ${wanted.seconds} s`,
  )
}

/** The counter's value each time that it was looked at. */
function readValues({ dev, of }: Parameters, stdout: string): readonly number[] {
  const [, way = '', kind = ''] = ofEveryLink.exec(of) ?? []
  if (dev !== undefined && way === '')
    return [...stdout.matchAll(/^\s+(\w+): (\d+)$/gm)].flatMap(([, name, value]) =>
      name === of ? [Number(value)] : [],
    )
  return stdout.split('\n').flatMap((line) => {
    const json = parseLine(line)
    const counters =
      dev === undefined ? stackSchema.safeParse(json).data?.kernel : linkSchema.safeParse(json).data?.[0].stats64[way]
    const name = dev === undefined ? of : kind
    return counters !== undefined && Object.hasOwn(counters, name) ? (counters[name] ?? []) : []
  })
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
