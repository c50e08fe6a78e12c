import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { boxName } from '../../image/box.ts'
import { type FakeVagrant, makeFakeVagrant, noImage } from './fake-vagrant.ts'
import { chooseLibvirtAccelerator } from './kvm-probe.ts'
import { vagrantProvider } from './vagrant-provider.ts'

const test = ava as TestFn<FakeVagrant>

test.beforeEach((t) => {
  t.context = makeFakeVagrant()
  const box = join(t.context.folder, 'vagrant', 'boxes', boxName(noImage), '0', 'libvirt')
  mkdirSync(box, { recursive: true })
  writeFileSync(join(box, 'vmlinuz'), '')
})
test.afterEach.always((t) => t.context.remove())

/** A virsh of a libvirt that offers KVM; the probe's domain ends as it is told, or never. */
const virshThat = (folder: string, how: string, capabilities = '') => `
case $3 in event)
  until [ -s '${folder}/name' ]; do sleep 0.05; done
  read -r name <'${folder}/name'
  [ -z '${how}' ] || echo "event 'lifecycle' for domain '$name': Stopped ${how}"
  exec sleep 60 ;;
esac
case $4 in
version) printf 'Using library: libvirt 9.0.0\\nRunning hypervisor: QEMU 7.2.22\\n' ;;
domcapabilities) ${capabilities} ;;
destroy) rm -f '${folder}/name' ;;
create) while read -r line; do case $line in *'<name>'*) line=\${line#*>}; echo "\${line%%<*}" >'${folder}/name' ;; esac; done <"$5" ;;
esac`

const choose = (signal = new AbortController().signal) => chooseLibvirtAccelerator(noImage, 'auto', signal)

test.serial('a kernel that powers off its domain has booted under KVM, which is found out once', async (t) => {
  t.context.program('virsh', virshThat(t.context.folder, 'Shutdown'))
  t.deepEqual(await choose(), { accelerator: 'kvm', reason: 'a kernel boots under it' })
  t.deepEqual(await choose(), { accelerator: 'kvm', reason: 'a kernel boots under it' })
  const calls = t.context.calls().filter((call) => call.includes(' create '))
  t.is(calls.length, 1)
  t.true(t.context.calls().some((call) => / destroy wirelab-run-\S+-kvm-probe$/.test(call)))
})

test.serial('where libvirt offers no KVM, or a kernel hangs under it, machines are emulated', async (t) => {
  t.context.program('virsh', virshThat(t.context.folder, '', "echo 'error: no KVM here' >&2; exit 1"))
  t.is((await choose()).reason, 'no KVM: libvirt does not offer it (no KVM here)')
  t.context.program('virsh', virshThat(t.context.folder, ''))
  t.is((await choose()).reason, 'no KVM: a kernel does not boot under it within 3 s')
})

test.serial(
  'a domain that can be created under TCG alone is a verdict; one that cannot under TCG either is none',
  async (t) => {
    const failing = (types: string) => `
case $4 in create)
  read -r line <"$5"
  case $line in ${types}) echo 'error: internal error: failed to set MSR 0x10a' >&2; exit 1 ;; esac
  exit ;;
esac
${virshThat(t.context.folder, '')}`
    t.context.program('virsh', failing('*'))
    await t.throwsAsync(choose(), { message: 'cannot run virsh create: internal error: failed to set MSR 0x10a' })
    t.context.program('virsh', failing('*kvm*'))
    const reason = 'no KVM: QEMU does not start under it (internal error: failed to set MSR 0x10a)'
    for (let n = 0; n < 2; n++) t.deepEqual(await choose(), { accelerator: 'tcg', reason })
    const calls = t.context.calls().filter((call) => / (create|destroy) /.test(call))
    t.deepEqual(
      calls.map((call) => / (create|destroy) /.exec(call)?.[1]),
      ['create', 'create', 'destroy', 'create', 'create', 'destroy'],
    )
  },
)

test.serial('a domain that somebody destroys, or a signal, is no verdict', async (t) => {
  t.context.program('virsh', virshThat(t.context.folder, 'Destroyed'))
  await t.throwsAsync(choose(), { message: /^cannot tell whether KVM works: .*\(destroyed\)$/ })
  await t.throwsAsync(choose(AbortSignal.abort(new Error('ended by SIGINT'))), { message: 'ended by SIGINT' })
  t.context.program('virsh', virshThat(t.context.folder, 'Shutdown'))
  t.is((await choose()).accelerator, 'kvm')
})

test.serial('a run through Vagrant is described by what libvirt says, and QEMU is not asked', async (t) => {
  t.context.program('qemu-system-x86_64', 'exit 1')
  t.context.program('virsh', virshThat(t.context.folder, 'Shutdown'))
  const signal = new AbortController().signal
  const described = await vagrantProvider.describe({ image: noImage, accelerator: 'auto', signal })
  t.deepEqual(described, { accelerator: 'kvm', qemu: '7.2.22' })
  t.false(t.context.calls().some((call) => call.startsWith('qemu')))
})
