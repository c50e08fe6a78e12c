import { within } from '../../deadline.ts'
import { machineryError } from '../../errors.ts'
import type { MachineEvent, NicEvent } from '../../lab/lab.ts'
import type { Plan, PlannedMachine } from '../../plan.ts'
import { waitForNicScript } from '../guest/guest-scripts.ts'
import { hotPlugMs, nicNamed } from './cables.ts'
import type { QemuMachine } from './qemu-machine.ts'
import type { Wiring } from './wiring.ts'

/** What a change of a machine works on. */
export interface MachineChanges {
  readonly plan: Plan
  readonly wiring: Wiring
  readonly machines: ReadonlyMap<string, QemuMachine>
  /** How machines are that do not run, by name. */
  readonly downs: Map<string, string>
  readonly signal: AbortSignal
  /** Makes a fresh copy of a machine that is gone. */
  startAnew(planned: PlannedMachine): Promise<void>
}

/** How long a machine may take to shut down in order. */
const shutDownMs = 90_000

/** Lets a machine fail, or brings it back. @throws WirelabError of kind machinery when it is in no state for that */
export async function changeMachine({ node, state }: MachineEvent, changes: MachineChanges): Promise<void> {
  const { plan, wiring, machines, downs, signal } = changes
  const machine = machines.get(node)
  const planned = plan.machines.find(({ name }) => name === node)
  if (!machine || !planned) throw machineryError(`cannot find machine ${node}: the lab has none of that name`)
  const down = downs.get(node)
  const isGone = down === 'crashed' || down === 'stopped'

  if (state === 'running') {
    if (down === undefined) throw machineryError(`cannot start machine ${node}: it runs`)
    if (isGone) return changes.startAnew(planned)
    await machine.qemu.qmp.execute('cont')
    await wiring.setFrozen(node, false)
    downs.delete(node)
    return
  }
  if (isGone) throw machineryError(`cannot let machine ${node} be ${state}: it is ${down}`)
  if (state === 'crashed') {
    downs.set(node, state)
    await machine.end()
    return wiring.unwire(node, false)
  }
  if (down !== undefined) throw machineryError(`cannot let machine ${node} be ${state}: it is ${down}`)
  downs.set(node, state)
  if (state === 'frozen') {
    await wiring.setFrozen(node, true)
    await machine.qemu.qmp.execute('stop')
    return
  }
  // The connection ends with the machine, perhaps before the command does.
  machine.run(['systemctl', 'poweroff'], { timeoutMs: shutDownMs }).catch(() => {})
  await within(machine.qemu.ended, shutDownMs, `cannot shut machine ${node} down`, signal)
  await machine.end()
  await wiring.unwire(node, true)
}

/** Plugs a NIC in or pulls it out, and waits until the machine has given it its name, or lost it. */
export async function changeNic(
  { endpoint, state }: NicEvent,
  machine: QemuMachine,
  wiring: Wiring,
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
