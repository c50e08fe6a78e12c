import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, machineryError, messageOf } from '../../errors.ts'
import { confinedMayUse } from '../../host/confinement.ts'
import { within } from '../../host/deadline.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { type Image, probeMarker, probeWord } from '../../image/image.ts'
import {
  type Accelerator,
  type AcceleratorChoice,
  type AcceleratorWish,
  chooseAccelerator,
  type KvmVerdict,
  rememberedVerdict,
} from '../accelerator.ts'
import { acceleratorArguments, bootArguments, machineType, sandboxArguments, talkArguments } from './command-line.ts'
import { withOpen } from './descriptors.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { qemuVersion } from './qemu-version.ts'
import { openBootFiles } from './sealed-files.ts'

/** How long a kernel may take to its first line of user space under KVM. It takes a few hundred ms where KVM works. */
const probeMs = 3000

/**
 * Chooses how QEMU runs machines. Under `auto` that is KVM when a kernel really boots under it, else TCG: a device
 * that opens proves nothing, some hosts offer one under which a guest hangs. What the probe found is remembered for
 * this boot of the host and this QEMU.
 * @throws WirelabError of kind machinery when KVM is demanded and does not work, or QEMU itself does not; the signal's
 * reason
 */
export const chooseQemuAccelerator = (
  image: Image,
  wish: AcceleratorWish,
  signal: AbortSignal,
  device = '/dev/kvm',
): Promise<AcceleratorChoice> =>
  chooseAccelerator(wish, async () => {
    const reason = whyNotOpen(device)
    if (reason !== undefined) return { works: false, reason }
    return rememberedVerdict(`qemu-${await qemuVersion()}`, () => probeKvm(image, signal))
  })

function whyNotOpen(device: string): string | undefined {
  try {
    readFileSync(device, { flag: 'r+' })
    return confinedMayUse(statSync(device)) ? undefined : `${device} is not open to the user that QEMU runs as`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return `this host has no ${device}`
    if (code === 'EACCES') return `you may not open ${device} (join the group kvm)`
    // The device opens, and only then refuses to be read: that is for the probe to judge.
    return undefined
  }
}

/**
 * Boots the image's kernel under KVM until its first process prints a marker.
 * @throws what is not KVM's doing, for then it can't be told
 */
async function probeKvm(image: Image, signal: AbortSignal): Promise<KvmVerdict> {
  signal.throwIfAborted()
  const folder = makeRuntimeFolder()
  const start = (accelerator: Accelerator) =>
    withOpen(
      () => openBootFiles(image),
      (descriptors) =>
        startQemu({
          ...{ arguments: probeArguments(image, accelerator), descriptors },
          consoleLog: join(folder.path, 'console'),
        }),
    )
  try {
    const qemu = await start('kvm').catch(async (error: unknown) => {
      // A QEMU that does not start under TCG either does not start for another reason.
      await (await start('tcg')).kill()
      return messageOf(error)
    })
    if (typeof qemu === 'string') return { works: false, reason: qemu }
    try {
      return await within(bootsUnder(qemu), probeMs, 'cannot boot a kernel under KVM', signal)
    } catch (error) {
      if (!hasCode(error, 'timed-out')) throw error
      return { works: false, reason: `a kernel does not boot under it within ${probeMs / 1000} s` }
    } finally {
      await qemu.kill()
    }
  } finally {
    folder.remove()
  }
}

/** Signals by which a program ends of its own fault; others come from outside. */
const faults: readonly (NodeJS.Signals | undefined)[] = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', undefined]

/** Settles when the kernel has come up, or QEMU has ended before. */
async function bootsUnder({ console, ended }: QemuProcess): Promise<KvmVerdict> {
  const marker = Promise.withResolvers<KvmVerdict>()
  console.onChunk(() => {
    if (console.text().includes(probeMarker)) marker.resolve({ works: true, reason: 'a kernel boots under it' })
  })
  const early = ended.then(({ words, signal }) => {
    if (!faults.includes(signal)) throw machineryError(`cannot tell whether KVM works: ${words}`)
    return { works: false, reason: `QEMU ended under it (${words})` }
  })
  return Promise.race([marker.promise, early])
}

const probeArguments = (image: Image, accelerator: Accelerator) => [
  ...[
    '-name',
    'wirelab-probe',
    ...sandboxArguments,
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
  ],
  ...['-machine', machineType, '-m', '128M', ...acceleratorArguments(accelerator)],
  ...bootArguments(image, probeWord),
  ...talkArguments,
]
