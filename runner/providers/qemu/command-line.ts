import { type Image, kernelWords } from '../../image/image.ts'
import type { PlannedNic } from '../../plan.ts'
import type { Accelerator } from '../accelerator.ts'
import { cableOf, nicIn } from './cables.ts'
import { descriptorIn, pathIn } from './descriptors.ts'
import { portArguments, type SshPorts } from './ssh-ports.ts'

/** Everything that shapes a machine before it runs. A frozen state fits only the same shape. */
export interface MachineShape {
  readonly image: Pick<Image, 'manifest'>
  readonly accelerator: Accelerator
  readonly memoryMiB: number
  readonly cpus: number
}

/** Numbers of places on the root bus, by the names of devices in QEMU. */
export type BusPlaces = Readonly<Record<string, number>>

/** How one QEMU process differs from others of the same shape. */
export interface Instance {
  readonly name: string
  /** Wait for a frozen state, and keep a private copy of each page written, instead of booting. */
  readonly incoming: boolean
  /** The NICs that it has from the beginning. */
  readonly nics: readonly PlannedNic[]
  /** Where on the bus each NIC is, by its name in QEMU, when they are not one behind the other. */
  readonly places?: BusPlaces
  /** What the ports lead to at which its SSH servers are reached. */
  readonly ports: SshPorts
}

/**
 * Translation buffer under TCG in MiB: QEMU's default of a quarter of the host's memory a machine is too much for many.
 */
const translationBufferMiB = 64

/** The machine type, which is part of a frozen state's shape. `pc` has a root bus that takes hot-plugged devices. */
export const machineType = 'pc'

/**
 * A kernel that panics restarts at once, which with `-no-reboot` ends QEMU. Without this it would stand still for ever.
 */
const endsOnPanic = 'panic=-1'

/** System calls that QEMU does without, here: it starts no program, changes no user, and nobody's priorities. */
export const sandboxArguments = [
  '-sandbox',
  'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
] as const

/** QEMU's arguments for a machine; QMP on stdin and stdout, all files at their descriptors. */
export function qemuArguments(shape: MachineShape, instance: Instance): string[] {
  const { accelerator, memoryMiB, cpus } = shape
  return [
    // Its threads get names: by theirs the virtual processors are known to who watches them.
    ...['-name', `${option(instance.name)},debug-threads=on`],
    ...sandboxArguments,
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', `${machineType},memory-backend=ram,vmport=off,graphics=off`],
    ...[
      '-object',
      `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${pathIn('memory')},share=${instance.incoming ? 'off' : 'on'}`,
    ],
    ...['-m', `${memoryMiB}M`, '-smp', String(cpus)],
    ...acceleratorArguments(accelerator),
    ...(instance.incoming ? ['-incoming', 'defer'] : bootArguments(shape.image, endsOnPanic)),
    ...['-add-fd', `fd=${descriptorIn('root')},set=1`],
    ...['-drive', 'file=/dev/fdset/1,if=none,id=root,readonly=on,format=raw', '-device', 'virtio-blk-pci,drive=root'],
    ...portArguments(instance.ports),
    ...nicArguments(instance),
    ...talkArguments,
  ]
}

function nicArguments({ nics, places }: Instance): string[] {
  const place = ({ id }: { readonly id: string }) => (places ? { addr: `0x${places[id]?.toString(16)}` } : {})
  return nics.flatMap((nic) => {
    const device = nicIn(nic)
    return ['-netdev', JSON.stringify(cableOf(nic)), '-device', JSON.stringify({ ...device, ...place(device) })]
  })
}

/**
 * The image's kernel and initrd, with a word added to the kernel's command line. A machine that is restored needs none.
 */
export const bootArguments = (image: Pick<Image, 'manifest'>, word: string): string[] => [
  ...['-kernel', pathIn('kernel'), '-initrd', pathIn('initrd')],
  ...['-append', `${image.manifest.kernel.commandLine} ${kernelWords} ${word}`],
]

/** QMP on the standard streams, and the console. */
export const talkArguments: readonly string[] = [
  ...['-chardev', `socket,id=console,fd=${descriptorIn('console')}`, '-serial', 'chardev:console'],
  ...['-qmp', 'stdio'],
]

/** Accelerator and CPU: the host's own under KVM, a plain one under TCG, where each further feature costs time. */
export const acceleratorArguments = (accelerator: Accelerator): string[] =>
  accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', `tcg,thread=multi,tb-size=${translationBufferMiB}`, '-cpu', 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt']

/** A value inside a QEMU option: its comma is written twice, so that no value can add an option. */
export const option = (value: string) => value.replaceAll(',', ',,')
