import type { Row } from './row.ts'
import { fake, missing } from './world.ts'

const url = 'http://10.0.0.2:8080/'
const silent = { http: { from: 'a', url, is: 'unanswered' } }

/** Web servers that were never asked, or whose answer was not read. */
export const httpRows: readonly Row[] = [
  { what: 'curl is missing', ...missing('curl'), claim: silent, before: 'error', wanted: 'error' },
  { what: 'curl is killed', ...fake('curl', 'kill -9 $$'), claim: silent, before: 'error', wanted: 'error' },
  { what: 'curl prints nothing', ...fake('curl', 'exit 0'), claim: silent, before: 'error', wanted: 'error' },
  {
    what: 'curl of another version knows no such option',
    ...fake('curl', 'echo "curl: option --noproxy: is unknown" >&2; exit 2'),
    claim: silent,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'a file has options for curl: a proxy that is not there',
    does: 'echo "proxy = http://10.0.0.99:3128" >/root/.curlrc',
    undo: 'rm /root/.curlrc',
    claim: silent,
    before: 'failed',
    wanted: 'failed',
  },
  {
    what: "the web server's port is closed by the own node's firewall",
    does: "nft 'add table ip own { chain c { type filter hook output priority 0; tcp dport 8080 drop; }; }'",
    undo: 'nft delete table ip own',
    claim: silent,
    before: 'error',
    wanted: 'error',
  },
  {
    what: "a web server to which the node's own route says no",
    does: 'ip route add unreachable 192.0.2.0/24',
    undo: 'ip route del unreachable 192.0.2.0/24',
    claim: { http: { from: 'a', url: 'http://192.0.2.7/', is: 'unanswered' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the name of the web server is misspelt',
    claim: { http: { from: 'a', url: 'http://wbe.invalid/', is: 'unanswered' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'what answers is no web server',
    claim: { http: { from: 'a', url, lacks: 'there' } },
    before: 'failed',
    wanted: 'failed',
  },
]
