import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { command } from './parts/answer.ts'
import { whyUnreadable } from './parts/listing.ts'
import * as common from './parts/parameters.ts'
import { ifSo, phrase } from './parts/phrase.ts'
import { inconclusive, judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.nodeName.describe('The node that tracks connections.'),
  protocol: z.enum(['tcp', 'udp', 'icmp']).default('tcp').describe('tcp, udp or icmp.'),
  from: common.ipAddress.describe('The address that began the connection.'),
  to: common.ipAddress.optional().describe('The address to which it was sent.'),
  port: common.port.optional().describe('The TCP or UDP port to which it was sent.'),
  'seen-as': common.ipAddress.optional().describe('The address to which answers are sent: what the other side sees.'),
  state: z.string().min(1).optional().describe('The state of a TCP connection, as ESTABLISHED.'),
  is: common.presence.describe('Whether there is such a connection.'),
})

type Parameters = z.infer<typeof parameters>

/** A line of conntrack(8): first the original direction, then that of the answers. */
interface Entry {
  readonly state: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly port: string | undefined
  readonly seenAs: string | undefined
}

/** Whether a node's connection tracking has a connection, and by which address its answers come back. */
export const conntrack: Assertion<Parameters> = {
  description: 'A node tracks a connection, perhaps under another address, or does not.',
  parameters,
  example: { on: 'gateway', from: '192.168.50.11', port: 8080, 'seen-as': '203.0.113.1' },
  claim: (wanted) => {
    const { on, is, 'seen-as': seenAs, state } = wanted
    const form = `${phrase(', seen as ', seenAs)}${phrase(', in state ', state)}`
    return `${on} ${is === 'present' ? 'tracks' : 'does not track'} ${renderFlow(wanted)}${form}`
  },
  question: (wanted) => {
    const { on, 'seen-as': seenAs, state } = wanted
    const more = ifSo(seenAs !== undefined && 'seen as which address', state !== undefined && 'in which state')
    return `Will ${on} track ${renderFlow(wanted)}${more}?`
  },
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on, protocol, from }) =>
    common.isIpv6(from)
      ? [command(on, 'conntrack', '-L', '-f', 'ipv6', '-p', protocol === 'icmp' ? 'icmpv6' : protocol)]
      : [command(on, 'conntrack', '-L', '-p', protocol)],
  judge: judgeConnections,
}

/** Which connection: "tcp from 192.168.50.11 to 203.0.113.10 port 8080". */
function renderFlow({ protocol, from, to, port }: Parameters): string {
  const target = to === undefined && port === undefined ? '' : ` to ${to ?? 'any address'}`
  return `${protocol} from ${from}${target}${phrase(' port ', port)}`
}

function judgeConnections(wanted: Parameters, [answer]: readonly Answer[]): Judgement {
  const { on, protocol, from, is } = wanted
  const problem = whyUnreadable(answer)
  if (answer === undefined || problem !== undefined) return inconclusive(`the connections of ${on}: ${problem}`)
  const lines = answer.stdout.split('\n').filter((line) => line.trim() !== '')
  const entries = lines.map((line) => ({ line: line.trim().replaceAll(/\s+/g, ' '), entry: readEntry(line) }))
  const unread = entries.find(({ entry }) => entry.from === undefined || entry.seenAs === undefined)
  if (unread !== undefined)
    return inconclusive(`the connections of ${on} are not as conntrack lists them: ${unread.line}`)

  // It says at its end how many it has shown; without that, or with another number, the list is not whole.
  const shown = /: (\d+) flow entries have been shown/.exec(answer.stderr)?.[1]
  if (Number(shown) !== entries.length)
    return inconclusive(
      `the connections of ${on}: conntrack listed ${entries.length}, and says it has shown ${shown ?? 'none'}`,
    )

  const own = entries.filter(({ entry }) => common.sameAddress(entry.from, from))
  const matching = own.filter(({ entry }) => isWanted(entry, wanted))
  const list = (matching.length > 0 ? matching : own).map(({ line }) => line)
  const found = list.length === 0 ? `nothing of ${protocol} from ${from}` : list.slice(0, 3).join(' and ')
  return judged(matching.length > 0 === (is === 'present'), `${on} tracks ${found}`)
}

function readEntry(line: string): Entry {
  const words = (name: string) => [...line.matchAll(new RegExp(`(?:^|\\s)${name}=(\\S+)`, 'g'))].map(([, word]) => word)
  const [from] = words('src')
  const [to, seenAs] = words('dst')
  const [port] = words('dport')
  return { state: /^\s*tcp\s+\d+\s+\d+\s+([A-Z_0-9]+)/.exec(line)?.[1], from, to, port, seenAs }
}

const isWanted = (entry: Entry, { to, port, 'seen-as': seenAs, state }: Parameters): boolean =>
  (to === undefined || common.sameAddress(entry.to, to)) &&
  (port === undefined || entry.port === `${port}`) &&
  (seenAs === undefined || common.sameAddress(entry.seenAs, seenAs)) &&
  (state === undefined || entry.state === state)
