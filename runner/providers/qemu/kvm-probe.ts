import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { cacheFolder } from '../../host/cache.ts'
import { type Image, probeMarker, probeWord } from '../../image/image.ts'
import { type Accelerator, acceleratorArguments, consoleDescriptor, machineType } from './command-line.ts'
import { startQemu } from './qemu-process.ts'
import { qemuVersion } from './qemu-version.ts'

export interface AcceleratorChoice {
  readonly accelerator: Accelerator
  /** Why, in words for a person. */
  readonly reason: string
}

/** How long a kernel may take to its first line of user space under KVM. It takes a few hundred ms where KVM works. */
const probeMs = 3000

/**
 * Chooses how machines are run. Under `auto` that is KVM when a kernel really boots under it, else TCG: a device
 * that opens proves nothing, some hosts offer one under which a guest hangs. The probe is remembered for this boot
 * of the host and this QEMU.
 * @throws WirelabError of kind machinery when KVM is demanded and does not work
 */
export async function chooseAccelerator(
  image: Image,
  wanted: 'auto' | 'kvm' | 'tcg',
  signal: AbortSignal,
): Promise<AcceleratorChoice> {
  if (wanted === 'tcg') return { accelerator: 'tcg', reason: 'asked for' }
  const probe = await rememberedProbe(image, signal)
  if (probe.works) return { accelerator: 'kvm', reason: probe.reason }
  if (wanted === 'kvm')
    throw machineryError(
      `cannot use KVM: ${probe.reason}`,
      'run without --accel kvm; everything works under TCG, only slower',
    )
  return { accelerator: 'tcg', reason: `no KVM: ${probe.reason}` }
}

interface KvmProbe {
  readonly works: boolean
  readonly reason: string
}

async function rememberedProbe(image: Image, signal: AbortSignal): Promise<KvmProbe> {
  const device = openable('/dev/kvm')
  if (device) return { works: false, reason: device }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const file = join(cacheFolder(), `kvm-${boot}-${(await qemuVersion()).replaceAll(/[^\w.]+/g, '_')}.json`)
  try {
    return JSON.parse(await readFile(file, 'utf8')) as KvmProbe
  } catch {
    const probe = await probeKvm(image, signal)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(probe))
    return probe
  }
}

function openable(device: string): string | undefined {
  try {
    readFileSync(device, { flag: 'r+' })
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return `this host has no ${device}`
    if (code === 'EACCES') return `you may not open ${device} (join the group kvm)`
    // The device opens, and only then refuses to be read: that is for the probe to judge.
    return undefined
  }
}

/** Boots the image's kernel under KVM until its first process prints a marker. */
async function probeKvm(image: Image, signal: AbortSignal): Promise<KvmProbe> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-probe-'))
  try {
    const qemu = await startQemu({ arguments: probeArguments(image), consoleLog: join(folder, 'console') })
    try {
      const marker = new Promise<KvmProbe>((resolve) =>
        qemu.console.onChunk(() => {
          if (qemu.console.text().includes(probeMarker)) resolve({ works: true, reason: 'a kernel boots under it' })
        }),
      )
      const gone = qemu.ended.then((words) => ({ works: false, reason: `QEMU ended under it (${words})` }))
      return await Promise.race([marker, gone, silence(signal)])
    } finally {
      await qemu.kill()
    }
  } catch (error) {
    return { works: false, reason: (error as Error).message }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const silence = (signal: AbortSignal) =>
  new Promise<KvmProbe>((resolve, reject) => {
    const timer = setTimeout(
      () => resolve({ works: false, reason: `a kernel does not boot under it within ${probeMs / 1000} s` }),
      probeMs,
    )
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })

const probeArguments = (image: Image) => [
  ...[
    '-name',
    'wirelab-probe',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-machine',
    machineType,
  ],
  ...['-m', '128M', ...acceleratorArguments('kvm')],
  ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', `${image.manifest.kernel.commandLine} ${probeWord}`],
  ...['-chardev', `socket,id=console,fd=${consoleDescriptor}`, '-serial', 'chardev:console', '-qmp', 'stdio'],
]
