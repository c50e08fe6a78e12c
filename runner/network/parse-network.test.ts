import { readFileSync } from 'node:fs'
import test from 'ava'
import { parseNetwork } from './parse-network.ts'

// Recorded from show-network.sh on Debian 12, kernel 6.1, iproute2 6.1.
const recorded = (name: string) => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8')
const nowhere = () => undefined
const links: { ifname: string; address: string; permaddr?: string }[] = JSON.parse(
  recorded('many-kinds').split('\n')[1] ?? '',
)

test('a veth pair is known at both ends, before and after one of them is a port', (t) => {
  const pair = { kind: 'veth', state: 'up' } as const
  const inside = { ...pair, name: 'eth0', addresses: ['10.0.3.78/24'], other: { namespace: '', name: 'veth0' } }
  const outside = { ...pair, name: 'veth0', addresses: [], other: { namespace: 'container', name: 'eth0' } }
  const [own, container] = parseNetwork(recorded('unplugged'), nowhere) ?? []
  t.deepEqual(container, { name: 'container', interfaces: [inside] })
  t.deepEqual(own?.interfaces, [{ name: 'bridge0', kind: 'bridge', state: 'up', addresses: ['10.0.3.1/24'] }, outside])
  const [after] = parseNetwork(recorded('plugged'), nowhere) ?? []
  t.deepEqual(after?.interfaces[1], { ...outside, master: 'bridge0' })
})

test('a container of LXC has its interfaces as its own, and the other ends of their pairs are ports in the machine', (t) => {
  const [own, ...containers] = parseNetwork(recorded('lxc'), nowhere) ?? []
  const pair = { kind: 'veth', state: 'up' } as const
  t.deepEqual(
    containers,
    ['1', '2'].map((n) => ({
      name: `c${n}`,
      interfaces: [
        { ...pair, name: 'eth0', addresses: [`10.0.3.10${n}/24`], other: { namespace: '', name: `veth-c${n}` } },
      ],
    })),
  )
  const ends = ['1', '2'].map((n) => {
    return { ...pair, name: `veth-c${n}`, addresses: [], master: 'lxcbr0', other: { namespace: `c${n}`, name: 'eth0' } }
  })
  t.deepEqual(own?.interfaces.slice(1), ends)
})

test('VLANs, VXLANs, bonds and macvlans say what they are on and of, and a renamed NIC is found by its address', (t) => {
  const permanent = ({ address, permaddr = address }: (typeof links)[number]) => permaddr
  const endpoints = new Map(
    links.flatMap((link) => {
      const end = { eth1: 'host:eth1', uplink: 'host:eth2' }[link.ifname]
      return end === undefined ? [] : [[permanent(link), end] as const]
    }),
  )
  const [own, container, empty, held, ...more] = parseNetwork(recorded('many-kinds'), (mac) => endpoints.get(mac)) ?? []
  const find = (name: string) => own?.interfaces.find((one) => one.name === name)
  t.like(find('uplink'), { state: 'up', endpoint: 'host:eth2', master: 'bond0', part: 'backup' })
  t.like(find('eth1'), { master: 'bond0', part: 'active' })
  t.like(find('bond0'), { kind: 'bond', mode: 'active-backup' })
  t.like(find('bond0.10'), { kind: 'vlan', id: 10, other: { namespace: '', name: 'bond0' } })
  t.like(find('vxlan7'), { id: 7, remote: '192.0.2.2', master: 'br0', other: { namespace: '', name: 'bond0.10' } })
  t.deepEqual(find('veth0')?.vlans, ['10 PVID', '20', '21', '22'])
  t.deepEqual(find('br0')?.addresses, ['10.0.3.1/24', '2001:db8::1/64'])
  t.like(find('dummy0'), { kind: 'dummy', state: 'down' })
  t.like(
    container?.interfaces.find(({ name }) => name === 'eth1'),
    { kind: 'macvlan', mode: 'private', state: 'down', other: { namespace: '', name: 'bond0.10' } },
  )
  t.deepEqual(empty, { name: 'empty', interfaces: [] })
  t.like(held, { name: 'sleep', interfaces: [{ name: 'inner', other: { namespace: '', name: 'veth9' } }] })
  t.deepEqual(more, [])
})

test('namespaces of one name are told apart, and those in which nothing is but a process are none', (t) => {
  const link = (name: string) => JSON.stringify([{ ifindex: 2, ifname: name, flags: ['UP', 'LOWER_UP'] }])
  const text = ['own', '', '', '', 'held x', link('a'), '', '', 'held x', link('b'), '', '', 'held y', '[]', '', '']
  const namespaces = parseNetwork([...text, 'end', ''].join('\n'), nowhere)
  t.deepEqual(
    namespaces?.map(({ name }) => name),
    ['', 'x', 'x (2)'],
  )
})

test('an answer that is not whole tells nothing', (t) => {
  const text = recorded('plugged')
  for (const part of ['', 'end\n', text.slice(0, -5), text.slice(0, 3000), `${text}own\n`, text.replace('[{', '[')])
    t.is(part === 'end\n' ? undefined : parseNetwork(part, nowhere), undefined)
})
