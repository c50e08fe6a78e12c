import { isIpv6 } from './parameters.ts'

// What the node's own firewall refuses was never sent, but iputils' ping on Debian 12 counts it as transmitted, and TCP
// goes on trying; neither says so. The kernel's counters of packets that it discarded on their way out do
// (OutDiscards in /proc/net/snmp and snmp6, from ip_send_skb and ip6_send_skb), so these are looked at before and
// after.

/** A shell script that runs a command between two looks at the counters; its exit code is the command's. */
export const witnessed = (command: string): string =>
  [
    "look() { grep -hs -e '^Ip:' -e '^Ip6OutDiscards' /proc/net/snmp /proc/net/snmp6; }",
    `look; ${command}; code=$?; look; exit $code`,
  ].join('\n')

/** How many packets of an address's family the kernel discarded meanwhile; 0 when nobody looked. */
export function discardedPackets(stdout: string, address: string): number {
  const counts = isIpv6(address) ? ipv6Discards(stdout) : ipv4Discards(stdout)
  return (counts.at(-1) ?? 0) - (counts[0] ?? 0)
}

/** What the command itself printed. */
export const withoutWitness = (stdout: string): string => stdout.replaceAll(/^(?:Ip: .*|Ip6OutDiscards\s.*)\n/gm, '')

const ipv6Discards = (stdout: string): readonly number[] =>
  [...stdout.matchAll(/^Ip6OutDiscards\s+(\d+)/gm)].map(([, count]) => Number(count))

/** /proc/net/snmp has a line of names, then a line of their values. */
function ipv4Discards(stdout: string): readonly number[] {
  const looks = [...stdout.matchAll(/^Ip: (Forwarding .*)\nIp: (.*)$/gm)]
  return looks.map(([, names = '', values = '']) => Number(values.split(' ')[names.split(' ').indexOf('OutDiscards')]))
}
