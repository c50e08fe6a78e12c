import test from 'ava'
import { diagnosticsOf, fakeTable, mistakesOf, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

const lab = (topology: string) =>
  `title: A test\nsummary: A test.\n${topology}\nsteps: [{ name: a, on: host, run: x }]\n`

test('a lab has at least one machine', (t) => {
  for (const nodes of ['', 'nodes: {}', 'nodes:']) {
    t.regex(mistakesOf(lab(nodes)).join('\n'), /cannot run a lab without a machine: it has no nodes/)
  }
  const circle = mistakesOf(lab('nodes: { a: { namespace-of: b }, b: { namespace-of: a } }'))
  t.is(circle[0], '3:1 cannot run a lab without a machine: every node is a namespace of another')
})

test('a namespace is in a machine that exists', (t) => {
  const [mistake] = diagnosticsOf(lab('nodes: { host: {}, ns: { namespace-of: hots } }'))
  t.is(mistake?.message, 'cannot make "ns" a namespace of "hots": no node has this name')
  t.is(mistake?.nearest, 'host')
})

test('a namespace of a namespace is refused', (t) => {
  t.deepEqual(mistakesOf(lab('nodes: { host: {}, a: { namespace-of: host }, b: { namespace-of: a } }')), [
    '3:66 cannot make "b" a namespace of "a": that is a namespace itself',
  ])
})

test('an address stands without prefix length, memory with a unit', (t) => {
  t.deepEqual(mistakesOf(lab('nodes: { host: { address: 10.0.0.1/24, memory: 512 } }')), [
    '3:27 cannot use "10.0.0.1/24" as address: expected an IPv4 or IPv6 address without prefix length',
    '3:48 cannot use number 512 as memory: expected a size from 128M to 16G, such as 512M',
  ])
})

test('memory is a machine’s', (t) => {
  t.regex(mistakesOf(lab('nodes: { host: {}, a: { namespace-of: host, memory: 512M } }'))[0] ?? '', /it is a namespace/)
})

test('names are short and plain, and mean nothing else', (t) => {
  for (const name of ['Host', 'a b', `x${'y'.repeat(32)}`, '-a', 'within']) {
    t.regex(mistakesOf(lab(`nodes: { host: {}, "${name}": {} }`))[0] ?? '', /cannot use node name/)
  }
})

test('a node is a mapping', (t) => {
  t.deepEqual(mistakesOf(lab('nodes: { host: {}, b: machine }')), ['3:23 cannot use "machine": expected a mapping'])
  t.regex(mistakesOf(lab('nodes: [host]'))[0] ?? '', /cannot use this as nodes: expected a mapping/)
})

test('a link joins machines that are declared', (t) => {
  const [unknown, namespace] = diagnosticsOf(
    lab('nodes: { host: {}, ns: { namespace-of: host } }\nlinks: [{ endpoints: ["hots:eth1", "ns:eth1"] }]'),
  )
  t.is(unknown?.message, 'cannot plug a cable into hots:eth1: there is no node "hots"')
  t.is(unknown?.nearest, 'host')
  t.is(namespace?.message, 'cannot plug a cable into ns:eth1: "ns" is a namespace, cables join machines')
})

test('a NIC has one cable', (t) => {
  const links = 'links:\n  - endpoints: ["host:eth1", "b:eth1"]\n  - endpoints: ["b:eth2", "host:eth1"]'
  t.deepEqual(mistakesOf(lab(`nodes: { host: {}, b: {} }\n${links}`)), [
    '6:28 cannot plug two cables into host:eth1: link 1 has it',
  ])
  t.regex(
    mistakesOf(lab('nodes: { host: {} }\nlinks: [{ endpoints: ["host:eth1", "host:eth1"] }]'))[0] ?? '',
    /it is named twice here/,
  )
})

test('an endpoint names an interface that Linux allows', (t) => {
  for (const end of ['host', 'host:', 'host:a/b', 'host:abcdefghijklmnop', 'host:a:b', 'host:..', ':eth1']) {
    const mistakes = mistakesOf(lab(`nodes: { host: {} }\nlinks: [{ endpoints: ["${end}", "host:eth9"] }]`))
    t.regex(mistakes[0] ?? '', /expected node:interface/, end)
  }
})

test('a link has two ends', (t) => {
  t.regex(mistakesOf(lab('nodes: { host: {} }\nlinks: [{ endpoints: ["host:eth1"] }]'))[0] ?? '', /the two ends/)
})

const links = (text: string) => mistakesOf(lab(`nodes: { host: {}, b: {}, c: {} }\nlinks: [ { ${text} } ]`))
const cable = 'endpoints: ["host:eth1", "b:eth1"]'

test('a hub joins more than two ends, each once', (t) => {
  t.deepEqual(links('endpoints: ["host:eth1", "b:eth1", "c:eth1"]'), [])
  t.regex(links('endpoints: ["host:eth1"]')[0] ?? '', /expected the two ends of the cable, or more, which a hub joins/)
  t.regex(links('endpoints: ["host:eth1", "b:eth1", "host:eth1"]')[0] ?? '', /host:eth1: it is named twice here/)
})

test('what a link says of its cable is what tc and ip can do', (t) => {
  for (const good of [
    'delay: 250us',
    'delay: 0.5ms, jitter: 100us',
    'rate: 8bit',
    'rate: 1.5Mbit',
    'rate: 100Gbit',
    'rate: 512kbit',
  ])
    t.deepEqual(links(`${cable}, impairment: { ${good} }`), [], good)
  for (const bad of [
    'delay: 5',
    'delay: 61s',
    'delay: 1m',
    'delay: -1ms',
    'rate: 7bit',
    'rate: 10',
    'rate: 10mbps',
    'rate: 1tbit',
    'jitter: 1ms',
    '',
  ])
    t.is(links(`${cable}, impairment: { ${bad} }`).length, 1, bad)
  for (const bad of ['mtu: 67', 'mtu: 65536', 'mtu: "big"', 'mtu: 1400.5'])
    t.is(links(`${cable}, ${bad}`).length, 1, bad)
  for (const bad of ['01:00:5e:00:00:01', '00:00:00:00:00:00', '2:0:0:0:0:1', 'ff:ff:ff:ff:ff:ff', 'x'])
    t.regex(links(`${cable}, mac: { "host:eth1": "${bad}" }`)[0] ?? '', /expected the MAC address of one NIC/, bad)
})

test('what is said of an end is said of one of the link', (t) => {
  t.deepEqual(links(`${cable}, impairment: { "c:eth1": { delay: 1ms } }`), [
    '4:63 cannot impair c:eth1: it is no end of this link',
  ])
  t.deepEqual(links(`${cable}, mac: { "b:eth2": "02:00:00:00:00:01" }`), [
    '4:56 cannot give an address to b:eth2: it is no end of this link',
  ])
  t.is(links(`${cable}, impairment: { "host:eth1": { delay: 1ms, rate: fast } }`).length, 1)
  t.is(links(`${cable}, impairment: { "host:eth1": { delay: 1ms }, loss: "1%" }`).length, 1)
})

test('two NICs of a machine have two addresses', (t) => {
  const mac = (end: string) => `mac: { "${end}": "02:00:00:00:00:0A" }`
  const text = (other: string) =>
    `nodes: { host: {}, b: {} }\nlinks: [ { ${cable}, ${mac('host:eth1')} }, { endpoints: ["host:eth2", "b:eth2"], ${mac(other)} } ]`
  t.deepEqual(mistakesOf(lab(text('b:eth2'))), [])
  t.regex(mistakesOf(lab(text('host:eth2')))[0] ?? '', /cannot give 02:00:00:00:00:0A to host:eth2: host:eth1 has it/)
})

test('a node with a mistake stays the machine that it is: nothing else is said of it', (t) => {
  const topology = `nodes: { host: {}, peer: { addres: 10.0.0.2 } }
links: [{ endpoints: ["host:eth1", "peer:eth1"] }]`
  const steps = `steps:
  - name: a
    on: peer
    run: x
    expect: [{ ping: { from: host, to: peer, is: reachable } }]
    outage: { stream: { from: host, to: peer }, while: [{ wait: 1s }], expect: { recovers: true } }`
  const text = `title: A test\nsummary: A test.\n${topology}\n${steps}\n`
  t.deepEqual(mistakesOf(text), ['3:28 cannot use key "addres": it means nothing here'])
})

test('two nodes are not known by one address, however it is written', (t) => {
  t.deepEqual(mistakesOf(lab('nodes: { host: { address: 10.0.0.1 }, b: { address: 10.0.0.1 } }')), [
    '3:53 cannot know "b" by 10.0.0.1: that is the address of "host"',
  ])
  t.is(mistakesOf(lab('nodes: { host: { address: "fd00::1" }, b: { address: "fd00:0::1" } }')).length, 1)
})

test('what a lab or a node says of its machines is checked, in each variant', (t) => {
  const text = `image: "{{image}}"
variants: { good: { image: debian-12 }, bad: { image: debian-31 } }
packages: [frr, FRR, x+y]
requires: { kernel: 6.12, module: [mpls] }
nodes: { host: { cpus: 9, image: ../x, packages: [g++], requires: { kernel: ">= 6" } } }`
  t.deepEqual(mistakesOf(lab(text)), [
    '5:17 cannot use "FRR" as packages: expected the name of one of Debian\'s packages',
    '5:22 cannot use "x+y" as packages: expected the name of one of Debian\'s packages',
    '6:21 cannot use number 6.12 as kernel: expected a version, such as ">=6.12", or several: ">=6.1 <6.12"',
    '6:27 cannot use key "module": it means nothing here',
    '7:24 cannot use number 9 as cpus: expected 1 to 8 processors',
    '7:34 cannot use "../x" as image: expected the name of an image',
    '7:78 cannot use ">= 6" as kernel: expected a version, such as ">=6.12", or several: ">=6.1 <6.12"',
  ])
})

test('an image that a lab names must have a recipe', (t) => {
  const text = lab('image: debain-12\nnodes: { host: {} }')
  const folder = writeFolder({ 'lab.yaml': text })
  const loaded = loadLab(folder, fakeTable, (of) => (of === folder ? ['debian-12', 'mine'] : []))
  const [mistake] = loaded.diagnostics ?? []
  t.like(mistake, {
    message: 'cannot find image "debain-12"',
    nearest: 'debian-12',
    hint: 'there is a recipe for debian-12, mine',
  })
  t.like(mistake?.place, { line: 3, column: 8 })
  t.truthy(loadLab(folder, fakeTable, () => ['debain-12']).lab)
})

test('only a machine has an image, packages and processors of its own', (t) => {
  for (const [key, value] of Object.entries({ image: 'debian-12', packages: '[frr]', cpus: '2', requires: '{}' }))
    t.regex(
      mistakesOf(lab(`nodes: { host: {}, a: { namespace-of: host, ${key}: ${value} } }`))[0] ?? '',
      new RegExp(`cannot give ${key} to "a": it is a namespace, say it of its machine`),
    )
})
