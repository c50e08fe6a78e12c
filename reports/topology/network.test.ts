import test from 'ava'
import type { LabEvent, ObservedMachine } from '../../runner/events.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { renderMermaid } from './mermaid.ts'
import { drawNetwork } from './network.ts'
import { loadDrawSvg } from './svg.ts'
import { describeDrawing } from './topology.ts'

const topology = {
  nodes: [{ name: 'host', address: '10.0.3.1' }, { name: 'container', namespaceOf: 'host' }, { name: 'far' }],
  links: [{ endpoints: ['host:eth1', 'far:eth1'] }, { endpoints: ['host:eth2', 'far:eth2'] }],
}
const far: ObservedMachine = { name: 'far', namespaces: [], trouble: 'crashed' }

const plugged = fixtureEvents('observed').flatMap((event) => (event.type === 'network-observed' ? event.machines : []))

const on = (name: string) => ({ namespace: '', name })
const up = { state: 'up', addresses: [] } as const
const manyKinds: ObservedMachine = {
  name: 'host',
  namespaces: [
    {
      name: '',
      interfaces: [
        { name: 'eth1', endpoint: 'host:eth1', ...up, master: 'bond0', part: 'active' },
        { name: 'uplink', endpoint: 'host:eth2', ...up, master: 'bond0', part: 'backup' },
        { name: 'bond0', kind: 'bond', mode: 'active-backup', ...up },
        { name: 'bond0.10', kind: 'vlan', id: 10, other: on('bond0'), ...up },
        { name: 'br0', kind: 'bridge', ...up, addresses: ['10.0.3.1/24'] },
        { name: 'vxlan7', kind: 'vxlan', id: 7, remote: '192.0.2.2', master: 'br0', other: on('bond0.10'), ...up },
      ],
    },
    {
      name: 'container',
      interfaces: [
        { name: 'eth1', kind: 'macvlan', mode: 'private', other: on('bond0.10'), state: 'down', addresses: [] },
      ],
    },
    { name: 'empty', interfaces: [] },
  ],
}

test('a bridge, its ports and the veth pairs between namespaces are drawn where they are', async (t) => {
  const drawing = drawNetwork({ nodes: topology.nodes.slice(0, 2), links: [] }, plugged.slice(-1))
  t.regex(describeDrawing(drawing), /machine host \(bridge0 bridge 10\.0\.3\.1\/24, veth0\) with container \(eth0 /)
  t.regex(describeDrawing(drawing), /container:eth0 is a veth pair with host:veth0/)
  t.is(
    renderMermaid(drawing),
    `flowchart TB
  subgraph m0["host"]
    e0("bridge0<br>bridge<br>10.0.3.1/24")
    e1("veth0")
    subgraph n0_0["container"]
    e2("eth0<br>10.0.3.78/24")
    end
  end
  e1 --- e0
  e2 ---|veth| e1
`,
  )
  const svg = (await loadDrawSvg())(drawing)
  t.regex(svg, /class="cluster namespace".*>container</s)
  t.regex(svg, /class="edge join veth"/)
})

test('cables end at the NICs, whatever these are called now, and machines that could not tell are as declared', async (t) => {
  const cut: LabEvent = { kind: 'link', endpoint: { node: 'far', nic: 'eth2' }, state: 'down', direction: 'both' }
  const drawing = drawNetwork(topology, [manyKinds, far], [cut])
  t.like(drawing.machines[1], { name: 'far', state: 'crashed', nics: [{ name: 'eth1' }, { name: 'eth2' }] })
  t.deepEqual(drawing.machines[0]?.nics, [])
  const svg = (await loadDrawSvg())(drawing)
  t.is([...svg.matchAll(/class="edge cable/g)].length, 2)
  t.regex(svg, /class="edge cable cut"/)
  t.regex(svg, />uplink<.*>\(eth2\)</s)
  const words = describeDrawing(drawing)
  t.regex(words, /host:bond0 is joined to host:uplink \(idle\)/)
  t.regex(words, /container:eth1 is on host:bond0\.10 \(idle\)/)
  t.regex(words, /host:br0 is joined to host:vxlan7/)
})

test('of hundreds of interfaces some are drawn, and texts of a machine are bounded', async (t) => {
  const interfaces = Array.from({ length: 400 }, (_, n) => ({
    ...{ name: `d${n}"<\n${'x'.repeat(500)}`, kind: 'dummy', state: 'up' as const },
    addresses: Array.from({ length: 50 }, (_, m) => `10.0.${m}.1/24`),
  }))
  const drawing = drawNetwork(topology, [{ name: 'host', namespaces: [{ name: '', interfaces }] }, far])
  t.is(drawing.machines[0]?.interfaces?.length, 81)
  t.deepEqual(drawing.machines[0]?.interfaces?.at(-1)?.lines, ['and 320 more'])
  t.true(
    Math.max(...(drawing.machines[0]?.interfaces ?? []).flatMap(({ lines }) => lines.map((line) => line.length))) <= 70,
  )
  t.regex((await loadDrawSvg())(drawing), /and 320 more/)
})
