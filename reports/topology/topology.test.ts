import test from 'ava'
import type { LabEvent } from '../../runner/events.ts'
import { renderDot } from './dot.ts'
import { renderMermaid } from './mermaid.ts'
import { loadDrawSvg, renderSvgFile } from './svg.ts'
import { drawTopology } from './topology.ts'

const hostEth1 = { node: 'host', nic: 'eth1' }
const switchEth1 = { node: 'switch', nic: 'eth1' }
const link = (endpoint: typeof hostEth1, state: 'up' | 'down' | 'silent', direction: 'both' | 'in' = 'both') =>
  ({ kind: 'link', endpoint, state, direction }) as const
const impair = (impairment: { delayMs?: number }) => ({ kind: 'impair', endpoint: hostEth1, impairment }) as const
const machine = (state: 'crashed' | 'running') => ({ kind: 'machine', node: 'switch', state }) as const

const topology = {
  nodes: [
    { name: 'host', address: '10.0.3.2' },
    { name: 'switch' },
    { name: 'cont1', namespaceOf: 'host', address: '10.0.3.15' },
    { name: 'alone' },
  ],
  links: [{ endpoints: ['host:eth1', 'switch:eth1'] as const }],
}

test('namespaces lie in their machine and a cable has the names of its NICs at both ends', async (t) => {
  const draw = await loadDrawSvg()
  const svg = draw(drawTopology(topology))
  t.regex(svg, /class="cluster machine"/)
  t.regex(svg, /class="node namespace"/)
  t.is([...svg.matchAll(/>eth1</g)].length, 2)
  t.regex(svg, />alone</)
  t.regex(
    svg,
    /aria-label="machine host with cont1 inside; machine switch; machine alone; cable host:eth1 to switch:eth1"/,
  )
})

test('a drawing as a file brings its colours', async (t) => {
  const draw = await loadDrawSvg()
  t.regex(renderSvgFile(draw(drawTopology(topology))), /^<\?xml[^>]*>\n<svg [^>]*><style>/)
})

test('what happened last to a cable is how it is drawn', (t) => {
  const state = (...happened: LabEvent[]) => drawTopology(topology, happened).cables[0]?.state
  t.is(state(), undefined)
  t.is(state(link(hostEth1, 'down')), 'down')
  t.is(state(link(switchEth1, 'silent', 'in')), 'silent (in)')
  t.is(state(link(hostEth1, 'down'), link(hostEth1, 'up')), undefined)
  t.is(state(impair({ delayMs: 100 })), 'delay 100 ms')
  t.is(state(impair({ delayMs: 100 }), impair({})), undefined)
})

test('an end that was repaired at the other end is whole', (t) => {
  t.is(drawTopology(topology, [link(hostEth1, 'down'), link(switchEth1, 'up')]).cables[0]?.state, undefined)
  const again = [link(hostEth1, 'down'), link(switchEth1, 'up'), link(hostEth1, 'silent')]
  t.is(drawTopology(topology, again).cables[0]?.state, 'silent')
})

test('machines and NICs that are gone are drawn so', (t) => {
  const { machines } = drawTopology(topology, [
    machine('crashed'),
    { kind: 'nic', endpoint: hostEth1, state: 'unplugged' },
  ])
  t.is(machines.find(({ name }) => name === 'switch')?.state, 'crashed')
  t.true(machines.find(({ name }) => name === 'host')?.nics[0]?.unplugged)
  t.is(drawTopology(topology, [machine('crashed'), machine('running')]).machines[1]?.state, undefined)
})

test('quotes, backslashes and entities stay what they are', async (t) => {
  const odd = { nodes: [{ name: 'a"\\n&lt;<b>' }], links: [] }
  const svg = (await loadDrawSvg())(drawTopology(odd))
  t.true(svg.includes('a&quot;\\n&amp;lt;&lt;b&gt;'), svg)
})

test('a lab becomes DOT and Mermaid text', (t) => {
  const drawing = drawTopology(topology, [link(hostEth1, 'down')])
  t.regex(renderDot(drawing), /nic_0 -- nic_1 \[class="cable cut", style=dashed, label="✂ down"\]/)
  t.is(
    renderMermaid(drawing),
    `flowchart LR
  subgraph m0["host<br>10.0.3.2"]
    n0_0("cont1<br>10.0.3.15")
    e0["eth1"]
  end
  subgraph m1["switch"]
    e1["eth1"]
  end
  subgraph m2["alone"]
    n2[" "]
  end
  e0 -.-|"down"| e1
`,
  )
})

test('a hub is drawn between its ends, of which each is drawn as it is', async (t) => {
  const hub = {
    nodes: ['a', 'b', 'c'].map((name) => ({ name })),
    links: [{ endpoints: ['a:eth1', 'b:eth1', 'c:eth1'], impairments: { 'b:eth1': { delayMs: 0.25 } } }],
  }
  const drawing = drawTopology(hub, [link({ node: 'a', nic: 'eth1' }, 'down')])
  t.deepEqual(drawing.hubs, ['hub 1'])
  t.deepEqual(
    drawing.cables.map(({ endpoints, state }) => [...endpoints, state]),
    [
      ['a:eth1', 'hub 1', 'down'],
      ['b:eth1', 'hub 1', 'delay 0.25 ms'],
      ['c:eth1', 'hub 1', undefined],
    ],
  )
  t.regex(renderMermaid(drawing), /h0\(\("hub 1"\)\)\n.*e2 --- h0/s)
  const draw = await loadDrawSvg()
  t.regex(draw(drawing), />hub 1</)
})
