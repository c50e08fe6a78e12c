import test from 'ava'
import { option, qemuArguments } from './command-line.ts'

const image = {
  kernel: '/cache/vmlinuz',
  initrd: '/cache/initrd',
  root: '/cache/a,b/root.erofs',
  manifest: { kernel: { release: '6.1', commandLine: 'console=ttyS0 quiet' } },
} as Parameters<typeof qemuArguments>[0]['image']

const instance = { name: 'router', memoryFile: '/cache/memory', shared: false, incoming: true }
const lines = (accelerator: 'kvm' | 'tcg', rest = {}) =>
  qemuArguments({ image, accelerator, memoryMiB: 384 }, { ...instance, ...rest })

/** The value after an option. */
const after = (args: readonly string[], name: string) => args[args.indexOf(name) + 1]

test('a value cannot add an option: its commas are doubled', (t) => {
  t.is(option('a,readonly=off'), 'a,,readonly=off')
  t.is(after(lines('tcg'), '-drive'), 'file=/cache/a,,b/root.erofs,if=none,id=root,readonly=on,format=raw')
})

test("a copy reads the template's memory and keeps what it writes to itself", (t) => {
  t.regex(after(lines('tcg'), '-object') ?? '', /mem-path=\/cache\/memory,share=off$/)
  t.regex(after(lines('tcg', { shared: true }), '-object') ?? '', /share=on$/)
  t.is(after(lines('tcg'), '-incoming'), 'defer')
  t.false(lines('tcg', { incoming: false }).includes('-incoming'))
})

test('the management network lets nothing out, and the host reaches SSH on loopback only', (t) => {
  t.regex(after(lines('tcg'), '-netdev') ?? '', /^user,id=management,restrict=on,.*hostfwd=tcp:127\.0\.0\.1:0-/)
})

test('threads are named, so that those of virtual processors can be told from the others', (t) => {
  t.is(after(lines('tcg', { name: 'a,b' }), '-name'), 'a,,b,debug-threads=on')
})

test('KVM and TCG differ in accelerator and processor only', (t) => {
  const differing = lines('kvm').filter((word) => !lines('tcg').includes(word))
  t.deepEqual(differing, ['kvm', 'host'])
})
