import test from 'ava'
import { option, qemuArguments } from './command-line.ts'

const image = {
  manifest: { kernel: { release: '6.1', commandLine: 'console=ttyS0 quiet' } },
} as unknown as Parameters<typeof qemuArguments>[0]['image']

const instance = { name: 'router', incoming: true }
const lines = (accelerator: 'kvm' | 'tcg', rest = {}) =>
  qemuArguments({ image, accelerator, memoryMiB: 384 }, { ...instance, ...rest })

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

test("QEMU starts no program, and changes nobody's rights or priorities", (t) => {
  t.is(after(lines('tcg'), '-sandbox'), 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny')
})

test('the management network lets nothing out, and the host reaches SSH on loopback only', (t) => {
  t.regex(after(lines('tcg'), '-netdev') ?? '', /^user,id=management,restrict=on,.*hostfwd=tcp:127\.0\.0\.1:0-/)
})

test('threads are named, so that those of virtual processors can be told from the others', (t) => {
  t.is(after(lines('tcg'), '-name'), 'router,debug-threads=on')
})

test('KVM and TCG differ in accelerator and processor only', (t) => {
  const differing = lines('kvm').filter((word) => !lines('tcg').includes(word))
  t.deepEqual(differing, ['kvm', 'host'])
})
