import type { Answer, CommandProbe } from '../assertion.ts'
import { firstLine, whyNotRun } from './answer.ts'
import { fullWaitMs } from './answer-wait.ts'
import { whyNotSent, witnessed } from './witness.ts'

/** What a run of ping found out. */
export type PingResult =
  | {
      readonly kind: 'answered'
      readonly sent: number
      readonly received: number
      readonly duplicates: number
      /** The slowest; undefined when ping told none. */
      readonly roundTripMs: number | undefined
    }
  | { readonly kind: 'unanswered'; readonly sent: number; readonly errors: readonly PingError[] }
  /** The node's own routes or their MTU have no way for the packet: a fact of the network, though nothing left. */
  | { readonly kind: 'no-way'; readonly why: string; readonly refusal?: Refusal | undefined }
  | { readonly kind: 'not-sent'; readonly why: string }

/** Why the node itself sends no packet: the types of its routes (ip-route(8)), or the length of the packet. */
export const refusals = ['no-route', 'unreachable', 'prohibited', 'blackholed', 'too-long'] as const
/** One of them. */
export type Refusal = (typeof refusals)[number]

/** An ICMP error that came instead of a reply. */
export interface PingError {
  /** Who reported it: a router, or the pinging node itself when nobody answered its ARP or neighbour solicitation. */
  readonly reporter: string
  readonly message: string
}

/** What a ping shows when a claim is true. */
export type PingIs = 'reachable' | 'unreachable' | 'not-sent'

export interface PingOptions {
  /** The address that it is sent from. */
  readonly source?: string | undefined
  /** The interface or VRF that it is sent by. */
  readonly dev?: string | undefined
  /** How many are sent where replies are expected; one when absent. */
  readonly pings?: number | undefined
  readonly size?: number | undefined
  readonly df?: boolean | undefined
  /** The address that the pinging node declares. */
  readonly own?: string | undefined
  /** How long an answer is waited for that must not come; the full second when absent. */
  readonly waitMs?: number
}

/** So many are sent when none is to be answered. */
export const pingsUnanswered = 3

/**
 * How far apart several go out, in milliseconds. Where silence is listened to for the full second, the whole is longer
 * than that: a lost ARP request is repeated after a second (`retrans_time_ms`, arp(7)), and its answer comes in time.
 */
const apartMs = 100
const apart = ['-i', `${apartMs / 1000}`] as const

/**
 * One packet when a reply is expected, which the runner repeats until it comes. When none is, three in a row, so that a
 * single lost packet can't make the claim true, and witnesses that they left. Options are those of iputils' ping(8).
 */
export function pingProbe(
  node: string,
  address: string,
  is: PingIs,
  { size, df, source, dev, pings = 1, own, waitMs = fullWaitMs }: PingOptions = {},
): CommandProbe {
  const way = [source, dev].flatMap((from) => (from === undefined ? [] : ['-I', from]))
  const form = [...(size === undefined ? [] : ['-s', `${size}`]), ...(df === true ? ['-M', 'do'] : []), ...way]
  const few = [...(pings === 1 ? [] : apart), '-W', '1', ...form, address]
  const typed = ['ping', '-c', `${Math.max(pings, pingsUnanswered)}`, ...form, address] as const
  const asked = { kind: 'command', node, typed, timeoutMs: 10_000 + pings * apartMs } as const
  switch (is) {
    case 'reachable':
      return { ...asked, argv: ['ping', '-n', '-c', `${pings}`, ...few] }
    case 'not-sent': {
      // Of a route that prohibits, ping says the same as of a broadcast address.
      const route = [
        address,
        ...(source === undefined ? [] : ['from', source]),
        ...(dev === undefined ? [] : ['oif', dev]),
      ]
      const script = `ip route get ${route.join(' ')} >/dev/null; ping "$@"`
      return { ...asked, argv: ['sh', '-c', script, 'sh', '-n', '-c', '1', ...few] }
    }
    case 'unreachable': {
      const script = witnessed('ping "$@"', { own: source ?? own })
      const limits = ['-c', `${pingsUnanswered}`, ...apart, '-W', `${waitMs / 1000}`]
      return { ...asked, argv: ['sh', '-c', script, 'sh', '-n', ...limits, ...form, address], silenceMs: waitMs }
    }
  }
}

/** Reads the output of iputils' ping. */
export function parsePing(answer: Answer): PingResult {
  const { stdout, stderr } = answer
  const noWay = whyNoWay(stderr)
  if (noWay !== undefined && !answer.timedOut) return { kind: 'no-way', ...noWay }
  const refusal = /^ping: (?:connect|sendmsg): (.*)$/m.exec(stderr)?.[1]
  if (refusal !== undefined && !answer.timedOut)
    return { kind: 'not-sent', why: `the kernel refused to send: ${refusal}` }
  const problem = whyNotRun(answer)
  if (problem !== undefined) return { kind: 'not-sent', why: problem }

  const totals = /^(\d+) packets transmitted, (\d+) received/m.exec(stdout)
  if (totals === null) {
    const line = firstLine(stderr) || firstLine(stdout)
    return { kind: 'not-sent', why: line === '' ? 'ping printed nothing' : `ping printed no statistics: ${line}` }
  }
  const duplicates = Number(/, \+(\d+) duplicates/.exec(stdout)?.[1] ?? 0)
  const sent = Number(totals[1])
  const received = Number(totals[2])
  if (sent === 0) return { kind: 'not-sent', why: 'ping sent no packet' }
  if (received > 0) return { kind: 'answered', sent, received, duplicates, roundTripMs: slowestOf(stdout) }
  const unsent = whyNotSent(stdout, pingedAddress(stdout), sent)
  if (unsent !== undefined) return { kind: 'not-sent', why: unsent }
  return { kind: 'unanswered', sent, errors: parseErrors(stdout) }
}

function slowestOf(stdout: string): number | undefined {
  const times = [...stdout.matchAll(/ bytes from .* time=([\d.]+) ms/g)].map(([, time]) => Number(time))
  return times.length === 0 ? undefined : Math.max(...times)
}

/** The errors in words, each reporter and message once: "10.0.1.1 reported: Destination Net Unreachable". */
export function renderPingErrors(errors: readonly PingError[]): string {
  const lines = errors.map(({ reporter, message }) => `${reporter} reported: ${message}`)
  return [...new Set(lines)].join(', ')
}

/** Why the node's own routing has no way for a packet; ping counts such a packet as transmitted all the same. */
function whyNoWay(stderr: string): { readonly why: string; readonly refusal?: Refusal | undefined } | undefined {
  const message = /^ping: (.*)$/m.exec(stderr)?.[1]
  if (message === undefined) return undefined
  if (/^(?:connect|sendmsg): Network is unreachable/.test(message))
    return { why: 'no route to it (Network is unreachable)', refusal: 'no-route' }
  // Of what was sent before, sendmsg may report that nobody answered for the address.
  if (/^(?:connect|sendmsg): No route to host/.test(message))
    return {
      why: 'its route refuses packets (No route to host)',
      refusal: message.startsWith('connect') ? 'unreachable' : undefined,
    }
  if (/^connect: Invalid argument/.test(message) && /^RTNETLINK answers: Invalid argument$/m.test(stderr))
    return { why: 'its route drops packets (Invalid argument)', refusal: 'blackholed' }
  if (/^RTNETLINK answers: Permission denied$/m.test(stderr))
    return { why: 'its route prohibits packets (Permission denied)', refusal: 'prohibited' }
  const mtu = /message too long, mtu[=:] ?(\d+)/.exec(message)?.[1]
  return mtu === undefined ? undefined : { why: `the packet is too long for the path, mtu ${mtu}`, refusal: 'too-long' }
}

function parseErrors(stdout: string): readonly PingError[] {
  const errors = []
  for (const [, reporter = '', message = ''] of stdout.matchAll(/^From (\S+?):? icmp_seq=\d+ (.*)$/gm)) {
    errors.push({ reporter, message })
  }
  return errors
}

/** ping's heading has "(10.0.3.78)" after the name by IPv4, "name(2001:db8::78)" by IPv6. */
const pingedAddress = (stdout: string): string => /^PING .*?\((\S+?)\)/m.exec(stdout)?.[1] ?? ''
