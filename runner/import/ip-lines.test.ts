import test from 'ava'
import { ipLines } from './ip-lines.ts'

test('what ifconfig and route do is done by ip', (t) => {
  for (const [line, ...lines] of [
    ['ifconfig eth0 10.0.0.1/24 up', 'ip addr add 10.0.0.1/24 dev eth0', 'ip link set eth0 up'],
    [
      'ifconfig eth0 10.0.0.1 netmask 255.255.255.252 broadcast 10.0.0.3 up',
      'ip addr add 10.0.0.1/30 dev eth0',
      'ip link set eth0 up',
    ],
    ['/sbin/ifconfig eth1 up', 'ip link set eth1 up'],
    ['route add default gw 10.0.0.254 dev eth0', 'ip route add default via 10.0.0.254 dev eth0'],
    ['route add -net 10.1.0.0 netmask 255.255.0.0 gw 10.0.0.2', 'ip route add 10.1.0.0/16 via 10.0.0.2'],
    ['route add -net 10.1.0.0/16 gw 10.0.0.2 eth1', 'ip route add 10.1.0.0/16 via 10.0.0.2 dev eth1'],
    ['route add -net 0.0.0.0/0 gw 10.0.0.2', 'ip route add default via 10.0.0.2'],
  ])
    t.deepEqual(ipLines(line ?? ''), lines, line)
})

test('a line that says more, or is none of these, stays', (t) => {
  for (const line of [
    'ifconfig eth0 10.0.0.1',
    'ifconfig eth0 hw ether 02:00:00:00:00:01',
    'ifconfig eth0 10.0.0.1/24 mtu 1400 up',
    'ifconfig eth0 10.0.0.1/24 up; x',
    'route add -net 10.1.0.0/16 reject',
    'route -n',
    '  ip addr add 10.0.0.1/24 dev eth0',
    '# ifconfig eth0 up',
  ])
    t.deepEqual(ipLines(line), [line])
})
