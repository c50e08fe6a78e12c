import test from 'ava'
import { option, qemuArguments } from './command-line.ts'

const image = {
  manifest: { kernel: { release: '6.1', commandLine: 'console=ttyS0 quiet' } },
} as unknown as Parameters<typeof qemuArguments>[0]['image']

const instance = { name: 'router', incoming: true, nics: [], ports: {} }
const lines = (accelerator: 'kvm' | 'tcg', rest = {}) =>
  qemuArguments({ image, accelerator, memoryMiB: 384, cpus: 1 }, { ...instance, ...rest })

/** The value after an option. */
const after = (args: readonly string[], name: string) => args[args.indexOf(name) + 1]

test('a value cannot add an option: its commas are doubled', (t) => {
  t.is(option('a,readonly=off'), 'a,,readonly=off')
  t.is(after(lines('tcg', { name: 'a,b' }), '-name'), 'a,,b,debug-threads=on')
})

test("a copy reads the template's memory and keeps what it writes to itself", (t) => {
  t.regex(after(lines('tcg'), '-object') ?? '', /share=off$/)
  t.is(after(lines('tcg'), '-incoming'), 'defer')
  t.regex(after(lines('tcg', { incoming: false }), '-object') ?? '', /share=on$/)
  t.false(lines('tcg', { incoming: false }).includes('-incoming'))
})

test('a copy reads no kernel, and no file by a path of the host', (t) => {
  t.false(lines('tcg').includes('-kernel'))
  t.true(lines('tcg', { incoming: false }).includes('-kernel'))
  const files = [...lines('tcg'), ...lines('tcg', { incoming: false })].filter((word) => /(^|=)\//.test(word))
  t.deepEqual(
    files.filter((word) => !word.includes('/proc/self/fd/') && !word.includes('/dev/fdset/')),
    [],
  )
})

test('the kernel tells of programs that a signal ends, and ends QEMU when it panics, whatever the image says', (t) => {
  t.is(after(lines('tcg', { incoming: false }), '-append'), 'console=ttyS0 quiet print-fatal-signals=1 panic=-1')
})

test("QEMU starts no program, and changes nobody's rights or priorities", (t) => {
  t.is(after(lines('tcg'), '-sandbox'), 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny')
})

test('a machine is joined to cables, and to no network of the host', (t) => {
  const nic = { name: 'eth1', mac: '02:00:00:00:00:01', cable: 3, end: 1, plugged: true } as const
  const args = lines('tcg', { nics: [nic], ports: { 1: 'runner', 2: { socket: 'visitors' } } })
  const backends = args.filter((_, at) => args[at - 1] === '-netdev').map((text) => JSON.parse(text))
  t.deepEqual(
    backends.map(({ type, local, remote }) => [type, local.type, remote.type]),
    [['dgram', 'unix', 'unix']],
  )
})

test('a copy has the devices of its template and its NICs, whatever they lead to', (t) => {
  const nic = { name: 'eth1', mac: '02:00:00:00:00:01', cable: 3, end: 1, plugged: true } as const
  const devices = (rest: object) => {
    const args = lines('tcg', rest)
    return args.filter((_, at) => args[at - 1] === '-device').map((text) => /virt\w*-\w+|virt\w+|vm\w+/.exec(text)?.[0])
  }
  const ports = { 1: 'runner', 4: { socket: 'visitors' } }
  t.deepEqual(devices({ nics: [nic], ports }), [...devices({}), 'virtio-net'])
})

test('threads are named, so that those of virtual processors can be told from the others', (t) => {
  t.is(after(lines('tcg'), '-name'), 'router,debug-threads=on')
})

test('KVM and TCG differ in accelerator and processor only', (t) => {
  const differing = lines('kvm').filter((word) => !lines('tcg').includes(word))
  t.deepEqual(differing, ['kvm', 'host'])
})

test('a machine that is brought back has its NICs where they were on the bus', (t) => {
  const nic = { name: 'eth1', mac: '02:00:00:00:00:01', cable: 3, end: 1, plugged: true } as const
  const args = lines('tcg', { nics: [nic], places: { 'nic3-1': 12 } })
  const placed = args.flatMap((text, at) => (args[at - 1] === '-device' && text[0] === '{' ? [JSON.parse(text)] : []))
  t.deepEqual(
    placed.map(({ id, addr }) => [id, addr]),
    [['nic3-1', '0xc']],
  )
})
