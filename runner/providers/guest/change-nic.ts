import { machineryError } from '../../errors.ts'
import type { NicEvent } from '../../lab/lab.ts'
import { hotPlugMs, nicNamed } from '../qemu/cables.ts'
import type { QemuMachine } from '../qemu/qemu-machine.ts'
import type { Qmp } from '../qmp/qmp.ts'
import type { Wiring } from '../wiring.ts'
import { waitForNicScript } from './guest-scripts.ts'

/** Plugs a NIC in or pulls it out, and waits until the machine has given it its name, or lost it. */
export async function changeNic(
  { endpoint, state }: NicEvent,
  machine: QemuMachine,
  wiring: Wiring<Qmp>,
  signal: AbortSignal,
): Promise<void> {
  // Copies have udev stopped; here it gives the NIC its name, and tells the rest of the machine.
  const udev = await machine.run(['systemctl', 'start', 'systemd-udevd'], { timeoutMs: hotPlugMs, signal })
  if (udev.exitCode !== 0) throw machineryError(`cannot start udev on ${machine.name}: ${udev.stderr.trim()}`)
  if (state === 'unplugged') {
    await wiring.unplug(endpoint)
    await machine.run(['udevadm', 'settle'], { timeoutMs: hotPlugMs, signal })
    return
  }
  await wiring.plug(endpoint)
  const mac = nicNamed(machine.planned, endpoint.nic)?.mac ?? ''
  const { exitCode, stderr } = await machine.run(['bash', '-c', waitForNicScript, 'wait', endpoint.nic, mac], {
    timeoutMs: hotPlugMs,
    signal,
  })
  if (exitCode !== 0)
    throw machineryError(
      `cannot plug in ${endpoint.node}:${endpoint.nic}: the machine does not see it: ${stderr.trim()}`,
    )
}
