import test from 'ava'
import type { Variant } from './lab/lab.ts'
import { defaultMemoryMiB, machineImages, planRun } from './plan.ts'

const variant: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'a' }, { name: 'b', memoryMiB: 512 }, { name: 'inside', namespaceOf: 'a' }],
  links: [
    {
      endpoints: [
        { node: 'a', nic: 'eth1' },
        { node: 'b', nic: 'eth7' },
      ],
    },
    {
      endpoints: [
        { node: 'b', nic: 'eth8' },
        { node: 'a', nic: 'eth2' },
      ],
    },
  ],
  steps: [],
  crashCases: [],
}

const nicsOf = (lab: string) => planRun(lab, variant).machines.flatMap(({ nics }) => nics)

test('a plan has the machines, and no namespace, with memory and NICs', (t) => {
  const { machines, cables } = planRun('lab', variant)
  t.deepEqual(
    machines.map(({ name, memoryMiB }) => [name, memoryMiB]),
    [
      ['a', defaultMemoryMiB],
      ['b', 512],
    ],
  )
  t.deepEqual(
    machines.map(({ nics }) => nics.map(({ name, cable, end }) => [name, cable, end])),
    [
      [
        ['eth1', 0, 0],
        ['eth2', 1, 1],
      ],
      [
        ['eth7', 0, 1],
        ['eth8', 1, 0],
      ],
    ],
  )
  t.deepEqual(
    cables.map(({ endpoints }) => endpoints),
    [
      ['a:eth1', 'b:eth7'],
      ['b:eth8', 'a:eth2'],
    ],
  )
})

test('MACs are the same in every run, unique in a lab, and other in another lab', (t) => {
  const macs = nicsOf('lab').map(({ mac }) => mac)
  t.deepEqual(
    nicsOf('lab').map(({ mac }) => mac),
    macs,
  )
  t.is(new Set([...macs, ...nicsOf('other').map(({ mac }) => mac)]).size, 8)
})

test('MACs are locally administered and unicast', (t) => {
  for (const { mac } of nicsOf('lab')) t.regex(mac, /^02(:[0-9a-f]{2}){5}$/)
})

test('a lab gives addresses to NICs, which no other gets, and joins more than two ends by a hub', (t) => {
  const [first] = nicsOf('lab')
  const ends = ['a', 'b', 'c'].map((node) => ({ node, nic: 'eth1' }))
  const links = [{ endpoints: ends, macs: { 'b:eth1': first?.mac ?? '' } }]
  const nodes = ends.map(({ node: name }) => ({ name }))
  const { machines, cables } = planRun('lab', { ...variant, nodes, links })
  const [a, b, c] = machines.map(({ nics: [nic] }) => nic)
  t.like(b, { mac: first?.mac, cable: 0, end: 1, atHub: true })
  t.like(c, { end: 2, atHub: true })
  t.not(a?.mac, first?.mac)
  t.deepEqual(cables, [{ endpoints: ['a:eth1', 'b:eth1', 'c:eth1'] }])
})

test('a machine has the image of its node, or of the command line, or of the lab, with all packages', (t) => {
  const wish = (image?: string, ...packages: string[]) => ({
    machine: { ...(image === undefined ? {} : { image }), packages, requires: [] },
  })
  const mixed = {
    ...variant,
    machines: { image: 'lab-own', packages: ['jq', 'frr'], requires: [{ kernel: '>=6.1' }] },
    nodes: [{ name: 'a', ...wish('node-own', 'frr', 'bird2') }, { name: 'b' }],
  }
  t.deepEqual([...machineImages(mixed).values()], ['node-own+bird2+frr+jq', 'lab-own+frr+jq'])
  t.deepEqual([...machineImages(mixed, 'chosen').values()], ['node-own+bird2+frr+jq', 'chosen+frr+jq'])
  t.like(planRun('lab', mixed).machines[1], { image: 'lab-own+frr+jq', requires: [{ kernel: '>=6.1' }], cpus: 1 })
  t.deepEqual([...machineImages(variant).values()], ['debian-12', 'debian-12'])
})
