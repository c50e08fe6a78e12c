import test from 'ava'
import type { MachineEvent } from '../../lab/lab-event.ts'
import { bringUp, pair } from '../../testing/test-machines.ts'

const nodes = ['first', 'second', 'third']
const hub = {
  ...pair,
  nodes: nodes.map((name) => ({ name })),
  links: [{ endpoints: nodes.map((node) => ({ node, nic: 'eth1' })) }],
}

/** Nothing but what the test asks for is on the cables. */
const quiet = 'sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1'
const say = 'arping -q -c 2 -U -I eth1 10.1.0.1'
const goUp = 'ip addr replace 10.1.0.3/24 dev eth1; ip link set eth1 up'
const count = 'cat /sys/class/net/eth1/statistics/rx_packets'

test('what a hub carries while a NIC is not set up does not come to it later', async (t) => {
  const { testbed, sh } = await bringUp(t, hub)
  const machine = (state: MachineEvent['state']) => testbed.setMachine({ kind: 'machine', node: 'third', state })
  for (const node of nodes) await sh(node, quiet)
  await sh('first', 'ip addr add 10.1.0.1/24 dev eth1; ip link set eth1 up')
  await sh('second', 'ip link set eth1 up')

  await sh('first', say)
  t.is(await sh('third', `${goUp}; ${count}`), '0', 'it was never set up')
  t.regex(await sh('third', 'ping -c 1 -w 10 10.1.0.1'), / 0% packet loss/)

  await sh('third', 'ip link set eth1 down')
  const before = await sh('third', count)
  await sh('first', say)
  t.is(await sh('third', `${goUp}; ${count}`), before, 'it was down')

  const talking = sh('first', 'arping -q -c 5 -U -I eth1 10.1.0.1')
  await machine('crashed')
  await machine('running')
  await talking
  await sh('third', quiet)
  t.is(await sh('third', `${goUp}; ${count}`), '0', 'it started anew')
  t.regex(await sh('third', 'ping -c 1 -w 10 10.1.0.1'), / 0% packet loss/)
})
