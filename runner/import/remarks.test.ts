import { mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'ava'
import { WirelabError } from '../errors.ts'
import type { Diagnostic } from '../lab/text/diagnostics.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { readTopology } from './import-lab.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

const short = (folder: string) => (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map(({ file, place, message }) => `${relative(folder, file)}:${place?.line}:${place?.column} ${message}`)

/** What is said of a topology, each as `file:line:column message`. */
function remarksOn(files: Files, prepare: (folder: string) => void = () => {}) {
  const folder = writeFolder(files)
  prepare(folder)
  const { errors, warnings } = readTopology(folder)
  return { errors: short(folder)(errors), warnings: short(folder)(warnings) }
}

const clab = (nodes: string, rest = '') => ({ 'clab.yml': `topology:\n  nodes:\n${nodes}\n${rest}` })

test('vendors, the host and networks of others are errors, each with its place', (t) => {
  const files = clab(
    '    srl: { kind: nokia_srlinux }\n    none: {}\n    a: { kind: linux, network-mode: host }\n    b: { kind: linux }',
    '  links:\n    - endpoints: ["b:eth1", "host:veth0"]\n    - { type: macvlan, endpoint: { node: b, interface: eth2 } }\n    - endpoints: ["b:eth3", "c:eth1"]\n    - endpoints: ["b:eth3", "a:eth1"]\n    - endpoints: ["b:eth4"]\n    - endpoints: ["b:a name", b]',
  )
  t.deepEqual(remarksOn(files).errors, [
    'clab.yml:3:18 cannot import node "srl": kind nokia_srlinux is none of linux, bridge and ovs-bridge',
    'clab.yml:4:5 cannot import node "none": it has no kind',
    'clab.yml:5:37 cannot import node "a": its network is that of host',
    'clab.yml:8:30 cannot plug a cable into host:veth0: it is the host, of which nothing is touched',
    'clab.yml:9:15 cannot import a link of type macvlan: cables join machines, and nothing of the host',
    'clab.yml:10:30 cannot plug a cable into c:eth1: there is no node "c"',
    'clab.yml:11:20 cannot plug a cable into b:eth3: it has a cable already',
    'clab.yml:12:7 cannot import a link: expected its two endpoints',
    'clab.yml:13:20 cannot plug a cable into b:a name: expected at most 15 letters, digits, . _ + and -, a letter, digit or _ first',
    'clab.yml:13:31 cannot import an endpoint: expected node:interface',
  ])
})

test('an inherited setting is shown where it stands, and one that no node has is no matter', (t) => {
  const files = {
    'clab.yml':
      'topology:\n  kinds:\n    srl: { image: x, license: y }\n    linux: { license: y }\n  defaults: { kind: linux }\n  nodes: { a: , b: }\n',
  }
  t.deepEqual(remarksOn(files), { errors: [], warnings: ['clab.yml:4:14 cannot take "license" over'] })
})

test('keys that nobody knows are said with the nearest', (t) => {
  const folder = writeFolder(clab('    a: { kind: linux, exex: [x] }', 'nam: x\n'))
  t.deepEqual(
    readTopology(folder).warnings.map(({ message, nearest }) => [message, nearest]),
    [
      ['cannot take "exex" over: an import knows no such key', 'exec'],
      ['cannot take "nam" over: an import knows no such key', 'name'],
    ],
  )
})

test('commands that only a container can do are left out, and variables are filled in with their defaults', (t) => {
  const exec = `[ ip route del default, "apk add curl", "echo \${A:-x} \${B} $$C", "echo \\"open" ]`
  const { errors, warnings } = remarksOn(clab(`    a: { kind: linux, exec: ${exec} }`))
  t.deepEqual(errors, ['clab.yml:3:95 cannot import a command: expected words, with each quote closed'])
  t.deepEqual(warnings, [
    'clab.yml:3:31 cannot do "ip route del default": there is no default route',
    'clab.yml:3:54 cannot do "apk add curl": machines reach no mirror',
    `clab.yml:3:70 cannot fill in \${B}: an import reads no environment`,
  ])
})

test('files from elsewhere, links out of the folder, pipes and huge files are errors', (t) => {
  const binds = ['../secret', '/etc/passwd', '~/x', 'out', 'into/passwd', 'huge', 'gone', 'conf:etc/x']
  const list = binds.map((from) => `"${from.includes(':') ? from : `${from}:/x`}"`).join(', ')
  const { errors } = remarksOn({ ...clab(`    a: { kind: linux, binds: [${list}] }`), huge: '' }, (folder) => {
    symlinkSync('/etc/passwd', join(folder, 'out'))
    symlinkSync('/etc', join(folder, 'into'))
    truncateSync(join(folder, 'huge'), 17 * 1024 * 1024)
  })
  t.deepEqual(
    errors.map((line) => line.replace(/^\S+ /, '')),
    [
      'cannot copy "../secret": it lies outside of the folder of the topology',
      'cannot copy "/etc/passwd": it lies outside of the folder of the topology',
      'cannot copy "~/x": it lies outside of the folder of the topology',
      'cannot copy "out": it is a link that leads out of the folder of the topology',
      'cannot copy "into/passwd": it is a link that leads out of the folder of the topology',
      'cannot copy "huge": it has 17.0 MB, the limit is 16 MB',
      'cannot copy "gone": there is no such file',
      'cannot copy "conf": expected an absolute path in the container',
    ],
  )
})

test('a tree of too many files, and a link to a folder in it, are not followed', (t) => {
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`many/${at}`, 'x']))
  const files = {
    ...clab('    a: { kind: linux, binds: [many:/m] }\n    b: { kind: linux, binds: [tree:/t] }'),
    ...many,
  }
  const { errors } = remarksOn(files, (folder) => {
    mkdirSync(join(folder, 'tree'))
    symlinkSync('..', join(folder, 'tree/up'))
  })
  t.regex(errors[0] ?? '', /cannot copy "many": many\/\d+: there are more than 1000 files$/)
  t.regex(errors[1] ?? '', /cannot copy "tree": tree\/up: /)
})

test('YAML that grows, is broken, or holds no topology is refused as a lab is', (t) => {
  const rows = Array.from({ length: 9 }, (_, at) => `x${at + 1}: &x${at + 1} [${`*x${at}, `.repeat(10)}]\n`).join('')
  t.regex(remarksOn({ 'clab.yml': `x0: &x0 [y]\n${rows}` }).errors[0] ?? '', /too large once its aliases are filled in/)
  t.deepEqual(remarksOn({ 'clab.yml': 'a: [\n' }).errors.length, 1)
  t.deepEqual(remarksOn({ 'clab.yml': 'topology: {}\n' }).errors, [
    'clab.yml:1:1 cannot import a topology without nodes',
  ])
  t.deepEqual(remarksOn({ 'clab.yml': '- a\n' }).errors, ['clab.yml:1:1 cannot import a topology without nodes'])
})

test('what is no topology is none, and a folder with two of them has to be told which', (t) => {
  for (const files of [{ note: '' }, { 'a.clab.yml': 'x', 'b.clab.yml': 'x' }])
    t.throws(() => readTopology(writeFolder(files)), { instanceOf: WirelabError, message: /it is no topology/ })
  t.throws(() => readTopology('/nowhere.yml'), { instanceOf: WirelabError })
})

test('lines of a lab.conf that say nothing known are errors, and options that mean nothing here are warnings', (t) => {
  const { errors, warnings } = remarksOn({
    'lab.conf': 'pc1[0]="A"\n  pc1[0]=B\nPC2[0]=A\npc3[1]="a b"\npc3[bridged]=true\npc3[imagge]=x\nnot a line\n',
    'pc1.startup': 'echo {{x}}\n',
    'lab.dep': 'pc3: pc1\n',
    'shared/x': '',
  })
  t.deepEqual(errors, [
    'lab.conf:2:10 cannot plug eth0 twice',
    'lab.conf:3:1 cannot read "PC2[0]=A": expected device[number]=domain or device[option]=value',
    'lab.conf:4:9 cannot plug eth1 into "a b": expected a collision domain, of letters, digits and _',
    'lab.conf:7:1 cannot read "not a line": expected device[number]=domain or device[option]=value',
  ])
  t.deepEqual(warnings, [
    'lab.conf:5:1 cannot take "bridged" over',
    'lab.conf:6:1 cannot take "imagge" over: an import knows no such option',
    'lab.dep:1:1 cannot take lab.dep over',
    'shared:1:1 cannot take shared over',
  ])
})

test('a device that copies from elsewhere by a link is an error, as is a startup that is no text', (t) => {
  const { errors } = remarksOn(
    { 'lab.conf': 'pc1[0]=A\n', 'pc1/etc/x': 'x', 'pc1.startup': Buffer.from([0xff]) },
    (folder) => symlinkSync('/etc/shadow', join(folder, 'pc1/etc/shadow')),
  )
  t.regex(errors[0] ?? '', /^lab\.conf:1:1 cannot copy pc1\/: .*it is a link that leads out/)
  t.regex(errors[1] ?? '', /^pc1\.startup:1:1 cannot read lab file: it is no UTF-8 text/)
})
