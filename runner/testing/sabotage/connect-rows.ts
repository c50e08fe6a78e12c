import type { Row } from './row.ts'
import { fake, missing } from './world.ts'

const unanswered = { connect: { from: 'a', to: 'b', port: 8080, is: 'unanswered' } }

/** Connections, datagrams and transfers that were never tried, or whose answer was not read. */
export const connectRows: readonly Row[] = [
  { what: 'socat is missing', ...missing('socat'), claim: unanswered, before: 'error', wanted: 'error' },
  {
    what: 'socat is killed while it connects',
    ...fake('socat', 'kill -9 $$'),
    claim: unanswered,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the server is there and answers, the firewall of the own node lets nothing out',
    does: "nft 'add table ip own { chain c { type filter hook output priority 0; tcp dport 8080 drop; }; }'",
    undo: 'nft delete table ip own',
    claim: unanswered,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: "a connection to which the node's own route says no",
    does: 'ip route add unreachable 192.0.2.0/24',
    undo: 'ip route del unreachable 192.0.2.0/24',
    claim: { connect: { from: 'a', to: '192.0.2.7', port: 8080, is: 'unanswered' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'a datagram is answered by an empty line',
    claim: { connect: { from: 'a', to: 'b', port: 8082, protocol: 'udp', is: 'unanswered' } },
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: 'a connection without a source address: IPv6 is switched off',
    does: 'sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1',
    undo: 'sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0; ip -6 addr replace fd00::1/64 dev eth1 nodad',
    claim: { connect: { from: 'a', to: 'fd00::2', port: 8080, is: 'unanswered' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: "a connection from a wrong source address, not the node's own",
    does: 'ip addr del 10.0.0.1/24 dev eth1; ip addr add 198.51.100.9/32 dev eth1; ip route add 10.0.0.0/24 dev eth1',
    undo: 'ip route del 10.0.0.0/24; ip addr del 198.51.100.9/32 dev eth1; ip addr add 10.0.0.1/24 dev eth1',
    claim: unanswered,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'socat of another version knows no such option',
    ...fake('socat', 'echo "2026/01/01 00:00:00 socat[1] E unknown option \\"connect-timeout\\"" >&2; exit 1'),
    claim: unanswered,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the server of a transfer never started',
    claim: { 'transfer-rate': { from: 'a', to: 'b', 'at-most': 4 } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'iperf3 is missing',
    ...missing('iperf3'),
    claim: { 'transfer-rate': { from: 'a', to: 'b', 'at-most': 4 } },
    before: 'error',
    wanted: 'error',
  },
]
