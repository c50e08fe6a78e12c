import test from 'ava'
import type { Variant } from '../../lab/lab.ts'
import { planRun } from '../../plan.ts'
import { lastingPorts, vagrantPlanOf } from './vagrant-plan.ts'

const variant: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'left' }, { name: 'right', memoryMiB: 512 }, { name: 'inside', namespaceOf: 'left' }],
  links: [
    {
      endpoints: [
        { node: 'left', nic: 'eth1' },
        { node: 'right', nic: 'eth2' },
      ],
    },
    {
      endpoints: [
        { node: 'left', nic: 'eth2' },
        { node: 'right', nic: 'eth1' },
      ],
      unplugged: [{ node: 'right', nic: 'eth1' }],
    },
  ],
  steps: [],
  crashCases: [],
}
const plan = planRun('pair', variant)
const options = { prefix: 'p-', accelerator: 'tcg', packages: [], box: undefined, ports: [1, 2, 3, 4] } as const

test('each end of a cable sends to where the other listens, and both name the same network', (t) => {
  const [left, right] = vagrantPlanOf(plan, options).machines
  const [first, second] = left?.nics ?? []
  const [other] = right?.nics ?? []
  t.like(first, { name: 'eth1', localPort: 1, remotePort: 2, network: 'p-cable0' })
  t.like(other, { name: 'eth2', localPort: 2, remotePort: 1, network: 'p-cable0' })
  t.like(second, { name: 'eth2', localPort: 3, remotePort: 4, network: 'p-cable1' })
})

test('machines have the memory and MACs of the plan, and no NIC that is plugged in later', (t) => {
  const { machines } = vagrantPlanOf(plan, options)
  t.deepEqual(
    machines.map(({ name, memoryMiB, nics }) => [name, memoryMiB, nics.map(({ mac }) => mac)]),
    [
      ['left', 384, plan.machines[0]?.nics.map(({ mac }) => mac)],
      ['right', 512, [plan.machines[1]?.nics.find(({ name }) => name === 'eth2')?.mac]],
    ],
  )
})

test('a lab has the same ports whenever it is asked, and another lab or checkout has others', (t) => {
  const ports = lastingPorts('me', plan)
  t.is(new Set(ports).size, 4)
  t.true(ports.every((port) => port >= 20_000 && port <= 29_999))
  t.deepEqual(ports, lastingPorts('me', plan))
  t.notDeepEqual(ports, lastingPorts('you', plan))
  t.notDeepEqual(ports, lastingPorts('me', { ...plan, lab: 'another' }))
})

test('a hub is refused', (t) => {
  const endpoints = ['left', 'right', 'right'].map((node, at) => ({ node, nic: `eth${at}` }))
  const withHub = planRun('lan', { ...variant, links: [{ endpoints }] })
  t.throws(() => vagrantPlanOf(withHub, options), { message: /hub of left:eth0, right:eth1, right:eth2 joins more/ })
})
