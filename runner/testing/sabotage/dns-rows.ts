import type { Row } from './row.ts'
import { fake, missing } from './world.ts'

const silent = (more: object = {}) => ({
  dns: { from: 'a', server: '10.0.0.2', name: 'www.lab', is: 'unanswered', ...more },
})

/** DNS servers that were never asked, or whose answer was not read. */
export const dnsRows: readonly Row[] = [
  {
    what: 'python3, which asks by DNS, is missing',
    ...missing('python3'),
    claim: silent(),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'python3 prints no reply of DNS',
    ...fake('python3', 'exit 0'),
    claim: silent(),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'python3 prints a reply of DNS of another form',
    ...fake('python3', 'echo "{\\"silent\\": true, \\"more\\": 1}"'),
    claim: silent(),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'no DNS server, but its port is closed',
    claim: silent({ port: 9999 }),
    before: 'failed',
    wanted: 'failed',
  },
  {
    what: 'what answers is no DNS server',
    claim: silent({ port: 8082 }),
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: "a DNS server behind the own node's firewall",
    does: "nft 'add table ip own { chain c { type filter hook output priority 0; udp dport 53 drop; }; }'",
    undo: 'nft delete table ip own',
    claim: silent(),
    before: 'error',
    wanted: 'error',
  },
  {
    what: "a DNS server to which the node's own route says no",
    does: 'ip route add unreachable 192.0.2.0/24',
    undo: 'ip route del unreachable 192.0.2.0/24',
    claim: silent({ server: '192.0.2.7' }),
    before: 'error',
    wanted: 'error',
  },
]
