import { type Image, management } from '../../image/image.ts'
import type { Accelerator } from '../accelerator.ts'

/** Everything that shapes a machine before it runs. A frozen state fits only the same shape. */
export interface MachineShape {
  readonly image: Pick<Image, 'kernel' | 'initrd' | 'root' | 'manifest'>
  readonly accelerator: Accelerator
  readonly memoryMiB: number
}

/** How one QEMU process differs from others of the same shape. */
export interface Instance {
  readonly name: string
  /** File behind the machine's memory. */
  readonly memoryFile: string
  /** True writes to the memory file, false keeps a private copy of each page written. */
  readonly shared: boolean
  /** Wait for a frozen state instead of booting. */
  readonly incoming: boolean
}

/** File descriptor of the child at which it finds its console's socket. */
export const consoleDescriptor = 3

/**
 * Translation buffer under TCG in MiB: QEMU's default of a quarter of the host's memory a machine is too much for many.
 */
const translationBufferMiB = 64

/** The machine type, which is part of a frozen state's shape. `pc` has a root bus that takes hot-plugged devices. */
export const machineType = 'pc'

/** A kernel that panics restarts at once, which with `-no-reboot` ends QEMU. Without this it would stand still for ever. */
const endsOnPanic = 'panic=-1'

/** QEMU's arguments for a machine; QMP on stdin and stdout, the console on descriptor 3. */
export function qemuArguments(shape: MachineShape, instance: Instance): string[] {
  const { image, accelerator, memoryMiB } = shape
  const { address, prefixLength, port } = management
  return [
    // Its threads get names: by theirs the virtual processors are known to who watches them.
    ...['-name', `${option(instance.name)},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', `${machineType},memory-backend=ram,vmport=off,graphics=off`],
    ...[
      '-object',
      `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${option(instance.memoryFile)},share=${onOff(instance.shared)}`,
    ],
    ...['-m', `${memoryMiB}M`, '-smp', '1'],
    ...acceleratorArguments(accelerator),
    ...['-device', 'vmgenid,guid=auto'],
    ...[
      '-kernel',
      image.kernel,
      '-initrd',
      image.initrd,
      '-append',
      `${image.manifest.kernel.commandLine} ${endsOnPanic}`,
    ],
    ...[
      '-drive',
      `file=${option(image.root)},if=none,id=root,readonly=on,format=raw`,
      '-device',
      'virtio-blk-pci,drive=root',
    ],
    ...[
      '-netdev',
      `user,id=management,restrict=on,net=${address}/${prefixLength},dhcpstart=${address},hostfwd=tcp:127.0.0.1:0-${address}:${port}`,
    ],
    ...['-device', 'virtio-net-pci,netdev=management,romfile='],
    ...['-chardev', `socket,id=console,fd=${consoleDescriptor}`, '-serial', 'chardev:console'],
    ...['-qmp', 'stdio'],
    ...(instance.incoming ? ['-incoming', 'defer'] : []),
  ]
}

/** Accelerator and CPU: the host's own under KVM, a plain one under TCG, where each further feature costs time. */
export const acceleratorArguments = (accelerator: Accelerator): string[] =>
  accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', `tcg,thread=multi,tb-size=${translationBufferMiB}`, '-cpu', 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt']

/** A value inside a QEMU option: its comma is written twice, so that no value can add an option. */
export const option = (value: string) => value.replaceAll(',', ',,')

const onOff = (value: boolean) => (value ? 'on' : 'off')
