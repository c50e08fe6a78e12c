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
    /both ends are here/,
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
