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
  | { readonly kind: 'no-way'; readonly why: string }
  | { readonly kind: 'not-sent'; readonly why: string }

/** An ICMP error that came instead of a reply. */
export interface PingError {
  /** Who reported it: a router, or the pinging node itself when nobody answered its ARP or neighbour solicitation. */
  readonly reporter: string
  readonly message: string
}

export interface PingOptions {
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
 * One packet when a reply is expected, which the runner repeats until it comes. When none is, three in a row, so that a
 * single lost packet can't make the claim true, and witnesses that they left. Options are those of iputils' ping(8).
 */
export function pingProbe(
  node: string,
  address: string,
  is: 'reachable' | 'unreachable',
  { size, df, own, waitMs = fullWaitMs }: PingOptions = {},
): CommandProbe {
  const form = [...(size === undefined ? [] : ['-s', `${size}`]), ...(df === true ? ['-M', 'do'] : [])]
  return {
    kind: 'command',
    node,
    argv:
      is === 'reachable'
        ? ['ping', '-n', '-c', '1', '-W', '1', ...form, address]
        : [
            'sh',
            '-c',
            witnessed('ping "$@"', { own }),
            'sh',
            '-n',
            '-c',
            `${pingsUnanswered}`,
            '-i',
            '0.2',
            '-W',
            `${waitMs / 1000}`,
            ...form,
            address,
          ],
    timeoutMs: 10_000,
    ...(is === 'unreachable' && { silenceMs: waitMs }),
  }
}

/** Reads the output of iputils' ping. */
export function parsePing(answer: Answer): PingResult {
  const { stdout, stderr } = answer
  const noWay = whyNoWay(stderr)
  if (noWay !== undefined && !answer.timedOut) return { kind: 'no-way', why: noWay }
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
function whyNoWay(stderr: string): string | undefined {
  const message = /^ping: (.*)$/m.exec(stderr)?.[1]
  if (message === undefined) return undefined
  if (/^(?:connect|sendmsg): Network is unreachable/.test(message)) return 'no route to it (Network is unreachable)'
  if (/^(?:connect|sendmsg): No route to host/.test(message)) return 'its route refuses packets (No route to host)'
  const mtu = /message too long, mtu[=:] ?(\d+)/.exec(message)?.[1]
  return mtu === undefined ? undefined : `the packet is too long for the path, mtu ${mtu}`
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
