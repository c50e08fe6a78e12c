import { z } from 'zod'
import type { Answer, Assertion, Judgement, Probe, World } from './assertion.ts'
import { whyNotRun } from './parts/answer.ts'
import { tcpWaitMs } from './parts/answer-wait.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { inconclusive, judged, whenNothingLeft } from './parts/verdict.ts'
import { whyNotSent, withoutWitness, witnessed } from './parts/witness.ts'

const parameters = z
  .strictObject({
    from: common.nodeName.describe('The node that connects.'),
    to: common.target.describe('The address that it connects to, or a node that declares its address.'),
    port: common.port.describe('The TCP or UDP port.'),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('tcp: a connection is opened. udp: a datagram is sent.'),
    is: z
      .enum(['accepted', 'refused', 'unanswered'])
      .describe('accepted: TCP connects, UDP is answered. refused: so says the other side. unanswered: nothing comes.'),
    'seen-as': common.ipAddress
      .optional()
      .describe('The client address as the server saw it; the server must print it, as "echo $SOCAT_PEERADDR" does.'),
  })
  .refine((wanted) => wanted['seen-as'] === undefined || wanted.is === 'accepted', {
    path: ['seen-as'],
    error: 'only a server that accepts can tell whom it saw',
  })

type Parameters = z.infer<typeof parameters>
type Outcome =
  | { readonly kind: Parameters['is']; readonly reply: string }
  | { readonly kind: 'no-way' | 'not-tried'; readonly why: string }

/** Whether a TCP connection or a UDP datagram is answered, and by which address the server knows the client. */
export const connect: Assertion<Parameters> = {
  description: 'A TCP connection or UDP datagram is accepted, refused or left unanswered.',
  parameters,
  example: { from: 'inside', to: 'outside', port: 8080, is: 'accepted', 'seen-as': '203.0.113.1' },
  claim: ({ from, to, port, protocol, is, 'seen-as': seenAs }) =>
    `${from} ${verbs[is]} ${to} port ${port}/${protocol}${phrase(', seen as ', seenAs)}`,
  question: ({ from, to, port, protocol, 'seen-as': seenAs }) => {
    const does = protocol === 'tcp' ? 'connects' : 'sends a datagram'
    const asWhom = seenAs === undefined ? '' : ', and by which address will it be seen, if at all'
    return `What will happen when ${from} ${does} to ${to} port ${port}/${protocol}${asWhom}?`
  },
  references: ({ from, to }) => [...common.nodeReference(from, 'from'), ...common.targetReference(to, 'to')],
  defaultWithinMs: ({ is }) => (is === 'unanswered' ? 0 : 5000),
  probe: (wanted, world) => [probeConnection(wanted, world)],
  judge: (wanted, [answer], world) => judgeConnection(wanted, answer, world),
}

const verbs = { accepted: 'connects to', refused: 'is refused by', unanswered: 'gets no answer from' }

/** How long the answer to a datagram may take, or what a server says that is to be read. */
const answerMs = 2000

/** How long a server is listened to that has accepted, where the claim is no more than that: its first words are shown. */
const listenMs = 500

/** Options are those of socat(1); -d -d makes it report when the connection stands. */
const scripts = {
  tcp: 'socat -d -d -u -T "$1" "$2" STDOUT',
  udp: 'echo wirelab | socat -d -d -t "$1" - "$2"',
}

/** Whatever answers a datagram is a program, whose time no ping tells: its answer is always waited for in full. */
function probeConnection({ from, to, port, protocol, is, 'seen-as': seenAs }: Parameters, world: World): Probe {
  const ip = common.addressOf(to, world)
  const tcp = protocol === 'tcp'
  const isSilent = is === 'unanswered'
  const connectMs = tcpWaitMs(isSilent, ip, world)
  const isOnlyAccepted = tcp && is === 'accepted' && seenAs === undefined
  const replyMs = isOnlyAccepted ? listenMs : answerMs + (world.longerMs ?? 0)
  const place = common.isIpv6(ip) ? `6:[${ip}]:${port}` : `4:${ip}:${port}`
  const peer = tcp ? `TCP${place},connect-timeout=${connectMs / 1000}` : `UDP${place}`
  const own = world.addresses[from]
  // From what socat says, the node's own route can't be told from a neighbour that doesn't answer.
  const script = isSilent
    ? witnessed(`ip route get ${ip} >/dev/null; ${scripts[protocol]}`, { own, tcp })
    : scripts[protocol]
  const argv = ['sh', '-c', script, 'sh', `${replyMs / 1000}`, peer] as const
  const silence = isSilent && { silenceMs: tcp ? connectMs : replyMs }
  const typed = ['socat', '-', `${protocol.toUpperCase()}${place}`] as const
  return { kind: 'command', node: from, argv, typed, timeoutMs: 15_000, ...silence }
}

function judgeConnection(wanted: Parameters, answer: Answer | undefined, world: World): Judgement {
  const { from, to, port, protocol, is, 'seen-as': seenAs } = wanted
  if (answer === undefined) return inconclusive(`${from} was not asked to connect to ${to}`)
  const outcome = readOutcome(answer, protocol, common.addressOf(to, world))
  if ('why' in outcome) {
    const claimsAnswer = is !== 'unanswered' && outcome.kind === 'no-way'
    return whenNothingLeft(claimsAnswer, `${from} could not try ${to} port ${port}: ${outcome.why}`)
  }
  const reply = outcome.reply === '' ? '' : `, which answers "${outcome.reply.slice(0, 100)}"`
  const found = `${from} ${verbs[outcome.kind]} ${to} port ${port}/${protocol}${reply}`
  return judged(outcome.kind === is && (seenAs === undefined || names(outcome.reply, seenAs)), found)
}

function readOutcome(answer: Answer, protocol: Parameters['protocol'], ip: string): Outcome {
  const { stderr, stdout } = answer
  const received = withoutWitness(stdout)
  const reply = received.trim()
  const problem = whyNotRun(answer)
  if (problem !== undefined) return { kind: 'not-tried', why: problem }
  if (/Connection (?:refused|reset)/.test(stderr)) return { kind: 'refused', reply }
  if (/Network is unreachable/.test(stderr)) return { kind: 'no-way', why: 'no route to it (Network is unreachable)' }
  const ownRoute = /^RTNETLINK answers: (.*)$/m.exec(stderr)?.[1]
  if (ownRoute !== undefined) return { kind: 'no-way', why: `its route refuses packets (${ownRoute})` }
  const connected = protocol === 'tcp' ? /starting data transfer loop/.test(stderr) : received !== ''
  if (connected) return { kind: 'accepted', reply }
  const unsent = whyNotSent(stdout, ip, 1)
  if (unsent !== undefined) return { kind: 'not-tried', why: unsent }
  if (/Connection timed out|No route to host/.test(stderr)) return { kind: 'unanswered', reply }
  if (protocol === 'udp' && answer.exitCode === 0) return { kind: 'unanswered', reply }
  const message = / E (.*)$/m.exec(stderr)?.[1] ?? `socat ended with exit code ${answer.exitCode}`
  return { kind: 'not-tried', why: message }
}

/** socat writes IPv6 addresses in full and in brackets. */
const names = (reply: string, address: string): boolean =>
  reply.split(/[\s,;"'[\]]+/).some((word) => common.sameAddress(word, address))
