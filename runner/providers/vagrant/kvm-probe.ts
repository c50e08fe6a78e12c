import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { boxName } from '../../image/box.ts'
import { type Image, probeWord } from '../../image/image.ts'
import {
  type Accelerator,
  type AcceleratorChoice,
  type AcceleratorWish,
  chooseAccelerator,
  type KvmVerdict,
  rememberedVerdict,
} from '../accelerator.ts'
import { watchDomainEnds } from './domain-ends.ts'
import { makeRunPrefix } from './run-names.ts'
import { vagrantHome } from './vagrant-home.ts'
import { libvirtVersions, virsh } from './virsh.ts'

/** How long a kernel may take from its domain's start to its end. It takes a few hundred ms where KVM works. */
const probeMs = 3000

/**
 * Chooses how libvirt runs machines. Under `auto` that is KVM when libvirt offers it and a kernel of our box boots
 * under it, else TCG. What the probe found is remembered for this boot of the host and this libvirt.
 * @throws WirelabError of kind machinery when KVM is demanded and does not work, or libvirt itself does not; the
 * signal's reason
 */
export const chooseLibvirtAccelerator = (
  image: Image,
  wish: AcceleratorWish,
  signal: AbortSignal,
): Promise<AcceleratorChoice> =>
  chooseAccelerator(wish, async () => {
    const reason = await whyNotOffered()
    if (reason !== undefined) return { works: false, reason }
    const { libvirt, qemu } = await libvirtVersions()
    return rememberedVerdict(`libvirt-${libvirt}-${qemu}`, () => probeKvm(image, signal))
  })

async function whyNotOffered(): Promise<string | undefined> {
  try {
    await virsh('domcapabilities', '--virttype', 'kvm', '--arch', 'x86_64')
    return undefined
  } catch (error) {
    if (!hasCode(error, 'exit-code')) throw error
    return `libvirt does not offer it (${error.detail.problem})`
  }
}

/**
 * Boots the box's kernel in a domain of its own, which powers off as soon as the first process runs.
 * @throws what is not KVM's doing, for then it can't be told
 */
async function probeKvm(image: Image, signal: AbortSignal): Promise<KvmVerdict> {
  signal.throwIfAborted()
  const box = join(vagrantHome(), 'boxes', boxName(image), '0', 'libvirt')
  if (!existsSync(join(box, 'vmlinuz'))) throw machineryError(`cannot probe KVM: there is no kernel in ${box}`)
  const domain = `${makeRunPrefix()}kvm-probe`
  const folder = makeRuntimeFolder()
  const ends = watchDomainEnds()
  try {
    const start = async (accelerator: Accelerator) => {
      const file = join(folder.path, `${accelerator}.xml`)
      const commandLine = `${image.manifest.kernel.commandLine} ${probeWord}`
      await writeFile(file, renderDomain({ name: domain, accelerator, box, commandLine }))
      await virsh('create', file)
    }
    const ended = ends.next(domain)
    try {
      const reason = await whyNotStarted(start)
      return reason === undefined ? await bootsUnder(ended, signal) : { works: false, reason }
    } finally {
      await virsh('destroy', domain).catch(() => {})
    }
  } finally {
    await ends.close()
    folder.remove()
  }
}

/** Some hosts' KVM ends QEMU before a guest runs. @throws what is not KVM's doing */
async function whyNotStarted(start: (accelerator: Accelerator) => Promise<void>): Promise<string | undefined> {
  try {
    await start('kvm')
    return undefined
  } catch (error) {
    if (!hasCode(error, 'exit-code')) throw error
    // A domain that cannot be created under TCG either cannot be for another reason.
    await start('tcg')
    return `QEMU does not start under it (${error.detail.problem})`
  }
}

/** What libvirt calls the end of a domain says who ended it (virDomainEventStoppedDetailType). */
async function bootsUnder(ended: Promise<string>, signal: AbortSignal): Promise<KvmVerdict> {
  let how: string
  try {
    how = await within(ended, probeMs, 'cannot boot a kernel under KVM', signal)
  } catch (error) {
    if (!hasCode(error, 'timed-out')) throw error
    return { works: false, reason: `a kernel does not boot under it within ${probeMs / 1000} s` }
  }
  if (how === 'Shutdown') return { works: true, reason: 'a kernel boots under it' }
  if (how === 'Crashed' || how === 'Failed')
    return { works: false, reason: `QEMU ended under it (${how.toLowerCase()})` }
  throw machineryError(`cannot tell whether KVM works: the probe's domain ended (${how.toLowerCase()})`)
}

interface ProbeDomain {
  readonly name: string
  readonly accelerator: Accelerator
  readonly box: string
  readonly commandLine: string
}

/** As the Vagrantfile has machines. */
const cpuOf = { kvm: "<cpu mode='host-passthrough'/>", tcg: "<cpu mode='custom'><model>qemu64</model></cpu>" }

/** A kernel that panics starts again, and so is not taken for one that powers off. */
const renderDomain = ({
  name,
  accelerator,
  box,
  commandLine,
}: ProbeDomain) => `<domain type='${accelerator === 'kvm' ? 'kvm' : 'qemu'}'>
  <name>${name}</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${xml(join(box, 'vmlinuz'))}</kernel>
    <initrd>${xml(join(box, 'initrd'))}</initrd>
    <cmdline>${xml(commandLine)}</cmdline>
  </os>
  <features><acpi/><apic/></features>
  ${cpuOf[accelerator]}
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <devices><serial type='null'/></devices>
</domain>
`

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
