import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ava, { type TestFn } from 'ava'
import { type FakePath, makeFakePath } from '../../testing/fake-path.ts'
import type { AcceleratorWish } from '../accelerator.ts'
import { noImage, qemuThat } from './fake-qemu.ts'
import { chooseQemuAccelerator } from './kvm-probe.ts'

const test = ava as TestFn<FakePath>

test.beforeEach((t) => {
  t.context = makeFakePath()
})
test.afterEach.always((t) => t.context.remove())

const boots = 'answer; echo "wirelab: probe alive" >&3; exec sleep 60'
const hangs = 'answer; exec sleep 60'

/** Chooses on a host whose KVM opens. */
function choose({ folder }: FakePath, signal = new AbortController().signal, wish: AcceleratorWish = 'auto') {
  const device = join(folder, 'kvm')
  writeFileSync(device, '')
  chmodSync(device, 0o666)
  return chooseQemuAccelerator(noImage, wish, signal, device)
}

const verdicts = ({ folder }: FakePath) => {
  const cache = join(folder, 'wirelab')
  return existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('kvm')) : []
}

test.serial('KVM is chosen when a kernel boots under it, which is found out once', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat(boots))
  t.deepEqual(await choose(t.context), { accelerator: 'kvm', reason: 'a kernel boots under it' })
  t.is(verdicts(t.context).length, 1)
  t.context.program('qemu-system-x86_64', 'exit 1')
  t.is((await choose(t.context)).accelerator, 'kvm')
})

test.serial('a kernel that does not come up under KVM is remembered', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat(hangs))
  const reason = 'no KVM: a kernel does not boot under it within 3 s'
  t.deepEqual(await choose(t.context), { accelerator: 'tcg', reason })
  t.is(verdicts(t.context).length, 1)
  await t.throwsAsync(choose(t.context, undefined, 'kvm'), { message: /^cannot use KVM: a kernel does not boot/ })
})

test.serial('an interrupted probe ends with the reason of its signal, and is no verdict', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat(hangs))
  const controller = new AbortController()
  const choosing = choose(t.context, controller.signal)
  while (!t.context.calls().some((call) => call.includes('-accel kvm'))) await sleep(10)
  controller.abort(new Error('ended by SIGINT'))
  await t.throwsAsync(choosing, { message: 'ended by SIGINT' })
  await t.throwsAsync(choose(t.context, controller.signal), { message: 'ended by SIGINT' })
  t.deepEqual(verdicts(t.context), [])
  t.context.program('qemu-system-x86_64', qemuThat(boots))
  t.is((await choose(t.context)).accelerator, 'kvm')
})

test.serial('a QEMU that does not start under TCG either says nothing of KVM', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat('echo "out of memory" >&2; exit 1'))
  await t.throwsAsync(choose(t.context), { message: 'cannot start QEMU: out of memory' })
  t.deepEqual(verdicts(t.context), [])
  t.context.program('qemu-system-x86_64', qemuThat(boots))
  t.is((await choose(t.context)).accelerator, 'kvm')
})

test.serial('a QEMU that starts under TCG alone is a verdict', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat('echo "failed to initialize kvm" >&2; exit 1', hangs))
  t.like(await choose(t.context), { accelerator: 'tcg', reason: 'no KVM: cannot start QEMU: failed to initialize kvm' })
  t.is(verdicts(t.context).length, 1)
})

test.serial('a QEMU that somebody kills says nothing of KVM, one that aborts does', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat('answer; kill -KILL $$'))
  await t.throwsAsync(choose(t.context), { message: /^cannot tell whether KVM works: QEMU was ended by SIGKILL/ })
  t.deepEqual(verdicts(t.context), [])
  t.context.program('qemu-system-x86_64', qemuThat('answer; kill -ABRT $$'))
  t.is((await choose(t.context)).reason, 'no KVM: QEMU ended under it (QEMU was ended by SIGABRT)')
})

test.serial('a cache that cannot be written keeps nobody from KVM', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat(boots))
  writeFileSync(join(t.context.folder, 'wirelab'), 'a file where the folder should be')
  t.is((await choose(t.context)).accelerator, 'kvm')
})

test.serial('a half-written verdict is found again', async (t) => {
  t.context.program('qemu-system-x86_64', qemuThat(boots))
  await choose(t.context)
  const [name = ''] = verdicts(t.context)
  const other = makeFakePath()
  t.teardown(() => other.remove())
  other.program('qemu-system-x86_64', qemuThat(boots))
  for (const text of ['{"works":fal', 'null', '{}']) {
    const cache = join(other.folder, text.length.toString())
    process.env['XDG_CACHE_HOME'] = cache
    mkdirSync(join(cache, 'wirelab'), { recursive: true })
    writeFileSync(join(cache, 'wirelab', name), text)
    t.is((await choose(other)).accelerator, 'kvm', text)
  }
})
