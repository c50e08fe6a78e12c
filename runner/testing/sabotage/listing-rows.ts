import type { Row } from './row.ts'
import { fake, limited, missing } from './world.ts'

const noAddress = { address: { on: 'a:eth1', has: '10.0.0.1', is: 'absent' } }
const noNeighbour = { neighbour: { on: 'n', of: '10.0.1.1', is: 'absent' } }
const noRoute = { route: { on: 'a', to: '10.0.0.0/24', is: 'absent' } }
const noLink = { link: { on: 'a:eth1', is: 'absent' } }
const noVlan = { vlan: { on: 'a:port1', vlan: 1, is: 'absent' } }
const noCount = { counter: { on: 'a', of: 'counted', 'at-most': 0 } }
const noConnection = { conntrack: { on: 'a', protocol: 'icmp', from: '10.0.0.1', is: 'absent' } }
const noBird = { 'bird-route': { on: 'a', to: '10.0.9.0/24', is: 'absent' } }
const notLearned = { 'learned-mac': { bridge: 'a:br0', of: 'n:eth0', is: 'absent' } }
const noGroup = (more: object = {}) => ({
  'mdb-entry': { bridge: 'a:br0', group: '239.1.1.1', is: 'absent', ...more },
})
const countsNothing = (more: object = {}) => ({
  'kernel-counter': { on: 'a', of: 'IpOutRequests', 'at-most': 0, ...more },
})
const noFrr = { 'frr-route': { on: 'a', to: '10.0.9.0/24', is: 'absent' } }
const noNeighbourOf = (daemon: string, more: object = {}) => ({
  'ospf-neighbour': { on: 'a', of: '10.0.0.2', daemon, is: 'absent', ...more },
})

const tracked = {
  does: `nft 'add table ip track { chain c { type filter hook output priority 0; ct state new counter; }; }'
ping -c 1 -W 5 10.0.0.2 >/dev/null`,
  undo: 'nft delete table ip track',
}
const bird = (more: string) => ({
  does: `mkdir -p /run/bird
printf '%s\\n' 'router id 1.1.1.1;' 'protocol device {}' 'ipv4 table lab;' ${more} >/root/bird.conf
bird -c /root/bird.conf -s /run/bird/row.ctl -P /run/bird/row.pid`,
  undo: 'kill "$(cat /run/bird/row.pid)"',
})

/** Absences that were looked for in the wrong place, with the wrong tool, or in nothing at all. */
export const listingRows: readonly Row[] = [
  {
    what: 'the default route is of the other family',
    does: 'ip -6 route add default via fd00::2',
    undo: 'ip -6 route del default',
    claim: { route: { on: 'a', to: 'default', is: 'absent' } },
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: 'the route is asked for with a source address that the node does not have',
    claim: { route: { on: 'a', to: '10.0.0.2', from: '10.0.0.77', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: "the route's interface is misspelt",
    claim: { route: { on: 'a', to: '10.0.0.0/24', dev: 'eht1', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the routing table is misspelt',
    claim: { route: { on: 'a', to: '10.0.0.0/24', table: 'mian', is: 'absent' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: "the neighbour's interface is misspelt",
    claim: { neighbour: { on: 'n', of: '10.0.1.1', dev: 'eht0', is: 'absent' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the bridge of a learned address is no bridge',
    claim: { 'learned-mac': { bridge: 'a:eth1', of: 'n:eth0', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the port of a learned address is misspelt',
    claim: { 'learned-mac': { bridge: 'a:br0', of: 'n:eth0', behind: 'prot1', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the interface that has the learned address is misspelt',
    claim: { 'learned-mac': { bridge: 'a:br0', of: 'n:eht0', is: 'absent' } },
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the port of a VLAN is in no bridge',
    claim: { vlan: { on: 'a:eth1', vlan: 1, is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the interface of an address is misspelt',
    claim: { address: { on: 'a:eht1', has: '10.0.0.1', is: 'absent' } },
    before: 'error',
    wanted: 'error',
  },
  { what: 'ip is missing', ...missing('ip'), claim: noLink, before: 'error', wanted: 'error' },
  { what: 'bridge is missing', ...missing('bridge'), claim: notLearned, before: 'error', wanted: 'error' },
  { what: 'nft is missing', ...missing('nft'), claim: noCount, before: 'error', wanted: 'error' },
  { what: 'conntrack is missing', ...missing('conntrack'), claim: noConnection, before: 'error', wanted: 'error' },
  { what: 'birdc is missing', ...missing('birdc'), claim: noBird, before: 'error', wanted: 'error' },
  { what: 'BIRD never started', claim: noBird, before: 'error', wanted: 'error' },
  { what: 'BIRD never started, and has no neighbour', claim: noNeighbourOf('bird'), before: 'error', wanted: 'error' },
  { what: 'FRR is not installed, and has no neighbour', claim: noNeighbourOf('frr'), before: 'error', wanted: 'error' },
  {
    what: 'bridge, which shows groups, is missing',
    ...missing('bridge'),
    claim: noGroup(),
    before: 'error',
    wanted: 'error',
  },
  { what: 'nstat is missing', ...missing('nstat'), claim: countsNothing(), before: 'error', wanted: 'error' },
  {
    what: 'nstat prints no counters',
    ...fake('nstat', 'echo \'{"kernel":{}}\''),
    claim: countsNothing(),
    before: 'error',
    wanted: 'error',
  },
  {
    what: "the kernel's counter is misspelt",
    claim: countsNothing({ of: 'IpOutNoRuotes' }),
    before: 'error',
    wanted: 'error',
  },
  {
    what: "the interface of the kernel's counter is misspelt",
    claim: countsNothing({ dev: 'eht1', of: 'rx_packets' }),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the bridge of a multicast group is no bridge',
    claim: noGroup({ bridge: 'a:eth1' }),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'the port of a multicast group is misspelt',
    claim: noGroup({ behind: 'prot1' }),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'bridge prints no groups, but an empty list',
    ...fake('bridge', 'echo "[]"'),
    claim: noGroup(),
    before: 'error',
    wanted: 'error',
  },
  { what: 'FRR is not installed, and has no route', claim: noFrr, before: 'error', wanted: 'error' },
  {
    what: 'vtysh of another version prints an empty list',
    does: "printf '%s\\n' '#!/bin/sh' 'echo []' >/usr/local/bin/vtysh; chmod +x /usr/local/bin/vtysh",
    undo: 'rm /usr/local/bin/vtysh',
    claim: noFrr,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'BIRD runs without OSPF, and has no neighbour',
    ...bird("''"),
    claim: noNeighbourOf('bird', { socket: '/run/bird/row.ctl' }),
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'birdc of another version prints another table',
    ...fake('birdc', 'echo "BIRD 9.0 ready."; echo "Neighbour  Condition"'),
    claim: noNeighbourOf('bird'),
    before: 'error',
    wanted: 'error',
  },
  {
    what: "the route is in another of BIRD's tables",
    ...bird(`'protocol static { ipv4 { table lab; }; route 10.0.9.0/24 via 10.0.0.2; }'`),
    claim: { 'bird-route': { on: 'a', to: '10.0.9.0/24', socket: '/run/bird/row.ctl', is: 'absent' } },
    before: 'passed',
    wanted: 'failed',
  },
  {
    what: "the interface of BIRD's route is misspelt",
    ...bird(`'protocol static { ipv4; route 10.0.9.0/24 via 10.0.0.2; }'`),
    claim: { 'bird-route': { on: 'a', to: '10.0.9.0/24', dev: 'eht1', socket: '/run/bird/row.ctl', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  { what: 'ip prints nothing', ...fake('ip', 'exit 0'), claim: noAddress, before: 'passed', wanted: 'error' },
  { what: 'ip prints nothing of a route', ...fake('ip', 'exit 0'), claim: noRoute, before: 'passed', wanted: 'error' },
  { what: 'bridge prints nothing', ...fake('bridge', 'exit 0'), claim: notLearned, before: 'passed', wanted: 'error' },
  {
    what: 'conntrack prints nothing',
    ...fake('conntrack', 'exit 0'),
    claim: noConnection,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'conntrack prints half of its list',
    does: `${tracked.does}
printf '%s\\n' '#!/bin/sh' 'umount -l "$0"; conntrack "$@" | head -n 0' >/root/half; chmod +x /root/half
mount --bind /root/half "$(command -v conntrack)"`,
    undo: tracked.undo,
    claim: noConnection,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'ip prints a warning before its JSON',
    ...fake('ip', 'umount -l "$0"; echo "Warning: old cache"; exec ip "$@"'),
    undo: 'true',
    claim: noAddress,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'ip of another version has another shape for a neighbour',
    ...fake('ip', `echo '[{"dst":"10.0.1.1","dev":"eth0","mac":"02:00:00:00:00:01","nud":"REACHABLE"}]'`),
    claim: { neighbour: { on: 'a', of: '10.0.1.1', is: 'absent' } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'ip of another version has another shape for an address',
    ...fake('ip', `echo '[{"ifname":"eth1","addresses":["10.0.0.1/24"]}]'`),
    claim: noAddress,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'bridge of another version has another shape for a VLAN',
    ...fake('bridge', `echo '[{"ifname":"port1","vlan":[1]}]'`),
    claim: noVlan,
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'ip of another version knows no JSON',
    ...fake('ip', `echo 'Option "-j" is unknown, try "ip -help".' >&2; exit 255`),
    claim: noLink,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'nft of another version counts in another member',
    ...fake('nft', `echo '{"nftables":[{"rule":{"comment":"counted","expr":[{"count":{"packets":9}}]}}]}'`),
    claim: noCount,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'ip speaks German',
    ...fake('ip', `echo 'Gerät "eth1" existiert nicht.' >&2; exit 1`),
    claim: noLink,
    before: 'error',
    wanted: 'error',
  },
  {
    what: 'conntrack speaks German',
    ...fake('conntrack', `echo 'conntrack v1.4.7: 0 Einträge' >&2; exit 0`),
    claim: noConnection,
    before: 'passed',
    wanted: 'error',
  },
  { what: 'ip is killed', ...fake('ip', 'kill -9 $$'), claim: noLink, before: 'error', wanted: 'error' },
  {
    what: 'ip ends in the middle of its JSON',
    ...fake('ip', `printf '[{"ifname":"eth1",'`),
    claim: noNeighbour,
    before: 'error',
    wanted: 'error',
  },
  { what: 'no memory for ip', ...limited('ip', '-v 2000'), claim: noLink, before: 'error', wanted: 'error' },
]
