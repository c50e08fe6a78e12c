import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import type { Variant } from '../../lab/lab.ts'
import { planRun } from '../../plan.ts'
import { type FakePath, makeFakePath } from '../../testing/fake-path.ts'
import { noImage, qemuThat } from './fake-qemu.ts'
import { qemuProvider } from './qemu-provider.ts'
import { qemuVersion } from './qemu-version.ts'

const test = ava as TestFn<FakePath>

test.beforeEach((t) => {
  t.context = makeFakePath()
})
test.afterEach.always((t) => t.context.remove())

const variant: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'a' }, { name: 'b' }],
  links: [],
  steps: [],
  crashCases: [],
}

const bringUp = (logs: string) =>
  qemuProvider.bringUp(planRun('a-lab', variant), {
    ...{ image: noImage, accelerator: 'tcg', keep: false, logs },
    signal: new AbortController().signal,
    onProgress: () => {},
    onReady: () => {},
    onDeath: () => {},
  })

test.serial('a QEMU that is there and does not run is not called missing', async (t) => {
  t.context.program('qemu-system-x86_64', 'echo "cannot open shared object file" >&2; exit 127')
  await t.throwsAsync(bringUp(t.context.folder), {
    message: 'cannot run qemu-system-x86_64: cannot open shared object file',
  })
  chmodSync(join(t.context.folder, 'bin/qemu-system-x86_64'), 0o644)
  await t.throwsAsync(bringUp(t.context.folder), { message: /^cannot run qemu-system-x86_64: .*EACCES/ })
})

test.serial('what went wrong once is tried anew by the next bring-up', async (t) => {
  await t.throwsAsync(bringUp(t.context.folder), { message: 'cannot run qemu-system-x86_64: it is not installed' })
  t.context.program('qemu-system-x86_64', qemuThat('echo "it rains" >&2; exit 1'))
  t.is(await qemuVersion(), '7.2.22')
  await t.throwsAsync(bringUp(t.context.folder), { message: 'cannot start QEMU: it rains' })
  t.context.program('qemu-system-x86_64', qemuThat('echo "the sun shines" >&2; exit 1'))
  await t.throwsAsync(bringUp(t.context.folder), { message: 'cannot start QEMU: the sun shines' })
})

test.serial('a template that two machines want at once is made once', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat('echo "it rains" >&2; exit 1'))
  await t.throwsAsync(bringUp(t.context.folder), { message: 'cannot start QEMU: it rains' })
  t.is(t.context.calls().filter((call) => call.includes('wirelab-template')).length, 1)
})
