import { isIpv6 } from './parameters.ts'

// What the node's own firewall refuses was never sent, but iputils' ping on Debian 12 counts it as transmitted, and TCP
// goes on trying; neither says so. The kernel's counters of packets that it discarded on their way out do
// (OutDiscards in /proc/net/snmp and snmp6, from ip_send_skb and ip6_send_skb; for TCP, TCPRetransFail of
// __tcp_retransmit_skb), so these are looked at before and after. And a node that has lost its address sends from
// another, to which nobody may know a way back.

/** What there is to look at. */
export interface Witnessed {
  /** The address that the node declares, whose absence is reported. */
  readonly own?: string | undefined
  /** Whether the command speaks TCP, which has a counter of its own. */
  readonly tcp?: boolean
}

/** The shell's own means, as far as there is something to read: to start grep costs a machine five times as much. */
const look = [
  'look() {',
  'for file in snmp snmp6; do while read -r name counts; do case $name in',
  'Ip:|Ip6OutDiscards) echo "$name $counts";; Icmp:|Ip6OutNoRoutes) break;;',
  'esac; done </proc/net/$file; done 2>/dev/null',
]

/** A shell script that runs a command between two looks at the counters; its exit code is the command's. */
export const witnessed = (command: string, { own, tcp }: Witnessed = {}): string =>
  [
    ...look,
    ...(tcp ? ["nstat -asz TcpExtTCPRetransFail | grep '^Tcp'"] : []),
    '}',
    ...(own === undefined ? [] : [`[ -n "$(ip -o address show to ${own})" ] || echo 'The node lacks its ${own}'`]),
    `look; ${command}; code=$?; look; exit $code`,
  ].join('\n')

/** Why what a node sent doesn't count: it hasn't the address that it declares, or its kernel discarded the packets. */
export function whyNotSent(stdout: string, address: string, sent: number): string | undefined {
  const own = /^The node lacks its (\S+)$/m.exec(stdout)?.[1]
  if (own !== undefined) return `the node does not have its declared address ${own}`
  return discardedPackets(stdout, address) >= sent ? "the node's own kernel discarded the packets" : undefined
}

/** How many packets of an address's family the kernel discarded meanwhile; 0 when nobody looked. */
export function discardedPackets(stdout: string, address: string): number {
  const counts = isIpv6(address) ? ipv6Discards(stdout) : ipv4Discards(stdout)
  return differenceOf(counts) + differenceOf(numbersOf(/^TcpExtTCPRetransFail\s+(\d+)/gm, stdout))
}

/** What the command itself printed. */
export const withoutWitness = (stdout: string): string =>
  stdout.replaceAll(/^(?:Ip: .*|Ip6OutDiscards\s.*|TcpExt.*|The node lacks its .*)\n/gm, '')

const ipv6Discards = (stdout: string): readonly number[] => numbersOf(/^Ip6OutDiscards\s+(\d+)/gm, stdout)

const numbersOf = (pattern: RegExp, stdout: string): readonly number[] =>
  [...stdout.matchAll(pattern)].map(([, count]) => Number(count))

const differenceOf = (counts: readonly number[]): number => (counts.at(-1) ?? 0) - (counts[0] ?? 0)

/** /proc/net/snmp has a line of names, then a line of their values. */
function ipv4Discards(stdout: string): readonly number[] {
  const looks = [...stdout.matchAll(/^Ip: (Forwarding .*)\nIp: (.*)$/gm)]
  return looks.map(([, names = '', values = '']) => Number(values.split(' ')[names.split(' ').indexOf('OutDiscards')]))
}
