import { z } from 'zod'
import type { Answer, Assertion, Judgement, Probe, World } from './assertion.ts'
import { whyNotStarted } from './parts/answer.ts'
import { dnsQuery } from './parts/dns-query.ts'
import { parseJson } from './parts/json-answer.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { failed, inconclusive, judged, whenNothingLeft } from './parts/verdict.ts'
import { whyNotSent, withoutWitness, witnessed } from './parts/witness.ts'

/** RFC 1035, 3.2.2; RFC 3596; RFC 2782. */
const types = { A: 1, AAAA: 28, CNAME: 5, MX: 15, NS: 2, PTR: 12, SRV: 33, TXT: 16 } as const
/** By their numbers: RFC 1035, 4.1.1. */
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const

const parameters = z
  .strictObject({
    from: common.nodeName.describe('The node that asks, by UDP and python3.'),
    server: common.target.describe("The DNS server's address, or a node that declares its address."),
    port: common.port.default(53).describe("The server's port."),
    name: z
      .string()
      .refine((text) => /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/.test(text) && text.length < 254, {
        error: 'expected the name of a host or domain, as "www.lab"',
      })
      .describe('The name that is asked for; of an address, as "78.3.0.10.in-addr.arpa".'),
    type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SRV', 'TXT']).default('A').describe('The type of record.'),
    is: z
      .enum(['answered', 'refused', 'unanswered'])
      .default('answered')
      .describe('answered: by DNS, be it by an error. refused: the port is closed. unanswered: nothing comes.'),
    rcode: z.enum(rcodes).optional().describe("The answer's code, NOERROR when left out."),
    answer: z
      .string()
      .min(1)
      .optional()
      .describe('The data of one of the records, as in a zone file: "10.0.3.78", or "10 mail.lab" of an MX.'),
    count: z.int().min(0).optional().describe('How many records of the type there are; at least one when left out.'),
  })
  .refine(({ is, rcode, answer, count }) => is === 'answered' || (rcode ?? answer ?? count) === undefined, {
    path: ['is'],
    error: 'only an answer has a code and records: leave these out, or is',
  })
  .refine(({ rcode = 'NOERROR', answer, count }) => rcode === 'NOERROR' || (answer ?? count) === undefined, {
    path: ['rcode'],
    error: 'an error has no records: leave out answer and count, or rcode',
  })

const replySchema = z.union([
  z.strictObject({ unsent: z.string() }),
  z.strictObject({ refused: z.literal(true) }),
  z.strictObject({ silent: z.literal(true) }),
  z.strictObject({ strange: z.literal(true) }),
  z.strictObject({
    rcode: z.int(),
    truncated: z.boolean(),
    records: z.array(z.object({ name: z.string(), type: z.int(), data: z.string() })),
  }),
])

type Parameters = z.infer<typeof parameters>

/** What a DNS server answers a node, or that it doesn't. */
export const dns: Assertion<Parameters> = {
  description: 'A DNS server answers with records or an error, or refuses, or nothing answers.',
  parameters,
  example: { from: 'c1', server: '10.0.3.1', name: 'www.lab', answer: '10.0.3.78' },
  claim: ({ from, server, port, name, type, is, rcode = 'NOERROR', answer, count }) => {
    const where = `${server}${port === 53 ? '' : ` port ${port}`}`
    const question = `${name} ${type}`
    if (is !== 'answered')
      return `${from} ${is === 'refused' ? 'is refused by' : 'gets no answer from'} ${where} to ${question}`
    if (rcode !== 'NOERROR') return `${from} gets ${rcode} for ${question} from ${where}`
    const records = count === undefined ? 'records' : `${count} record${count === 1 ? '' : 's'}`
    return `${from} gets ${records} for ${question} from ${where}${phrase(', with ', answer)}`
  },
  question: ({ from, server, name, type }) => `What will ${server} answer when ${from} asks for ${name} ${type}?`,
  references: ({ from, server }) => [
    ...common.nodeReference(from, 'from'),
    ...common.targetReference(server, 'server'),
  ],
  defaultWithinMs: ({ is }) => (is === 'unanswered' ? 0 : 5000),
  probe: (wanted, world) => [probeServer(wanted, world)],
  judge: judgeReply,
}

/** How long an answer may take: whatever answers is a program, whose time no ping tells. */
const answerMs = 2000

function probeServer({ from, server, port, name, type, is }: Parameters, world: World): Probe {
  const waitMs = answerMs + (world.longerMs ?? 0)
  const place = [common.addressOf(server, world), `${port}`, name, `${types[type]}`, `${waitMs / 1000}`]
  const asked = { kind: 'command', node: from, timeoutMs: 15_000 } as const
  if (is !== 'unanswered') return { ...asked, argv: ['python3', '-IS', '-c', dnsQuery, ...place] }
  const script = witnessed('python3 -IS -c "$@"', { own: world.addresses[from] })
  return { ...asked, argv: ['sh', '-c', script, 'sh', dnsQuery, ...place], silenceMs: waitMs }
}

function judgeReply(wanted: Parameters, [answer]: readonly Answer[], world: World): Judgement {
  const { from, server, is } = wanted
  const couldNot = (why: string) => `${from} could not ask ${server}: ${why}`
  if (answer === undefined) return inconclusive(couldNot('not asked'))
  const problem = answer.timedOut ? 'the command did not end in time' : whyNotStarted(answer)
  if (problem !== undefined) return inconclusive(couldNot(problem))
  const json = parseJson({ ...answer, stdout: withoutWitness(answer.stdout) })
  const reply = replySchema.safeParse(json.ok ? json.value : undefined)
  if (!reply.success) return inconclusive(couldNot(json.ok ? 'python3 printed no reply' : json.why))
  if ('unsent' in reply.data) return whenNothingLeft(is !== 'unanswered', couldNot(reply.data.unsent))
  if ('refused' in reply.data) return judged(is === 'refused', `${from} is refused by ${server}`)
  if ('strange' in reply.data) return failed(`${server} answers ${from} what is no answer of DNS`)
  if ('silent' in reply.data) {
    const unsent = whyNotSent(answer.stdout, common.addressOf(server, world), 1)
    if (unsent !== undefined) return inconclusive(couldNot(unsent))
    return judged(is === 'unanswered', `${from} gets no answer from ${server}`)
  }
  const { rcode, truncated, records } = reply.data
  const those = records.filter(({ type }) => type === types[wanted.type]).map(({ data }) => data)
  const code = rcodes[rcode] ?? `code ${rcode}`
  const found = `${server} answers ${from} ${code}${those.length === 0 ? ' without records' : ` with ${those.join(', ')}`}`
  const holds = is === 'answered' && code === (wanted.rcode ?? 'NOERROR')
  if (!holds || code !== 'NOERROR') return judged(holds, found)
  if (truncated) return inconclusive(`${found}, and more that is too long for UDP`)
  return judged(hasRecords(wanted, those), found)
}

function hasRecords({ type, answer, count }: Parameters, found: readonly string[]): boolean {
  if (answer !== undefined && !found.some((data) => isSame(type, data, answer))) return false
  return count === undefined ? found.length > 0 : found.length === count
}

function isSame(type: Parameters['type'], one: string, other: string): boolean {
  if (type === 'TXT') return one === other
  return common.sameAddress(one, other) || plain(one) === plain(other)
}

const plain = (text: string): string => text.toLowerCase().replace(/\.$/, '')
