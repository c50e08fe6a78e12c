import { machineryError } from '../../errors.ts'
import type { NicEvent } from '../../lab/lab-event.ts'
import type { Machine } from '../provider.ts'
import { startUdevScript, waitForNicScript } from './guest-scripts.ts'

/** How long a machine may take to notice a NIC that comes or goes. */
export const hotPlugMs = 30_000

export interface NicChange {
  readonly machine: Machine
  readonly mac: string
  /** Plugs the NIC in, or pulls it out. */
  change(): Promise<void>
  readonly signal: AbortSignal
}

/** Plugs a NIC in or pulls it out, and waits until the machine has given it its name, or lost it. */
export async function changeNicInGuest({ endpoint, state }: NicEvent, nicChange: NicChange): Promise<void> {
  const { machine, mac, change, signal } = nicChange
  const options = { timeoutMs: hotPlugMs, signal }
  // Copies have udev stopped; here it gives the NIC its name, and tells the rest of the machine.
  const udev = await machine.run(['bash', '-c', startUdevScript, 'start', endpoint.nic, mac], options)
  if (udev.exitCode !== 0) throw machineryError(`cannot start udev on ${machine.name}: ${udev.stderr.trim()}`)
  await change()
  if (state === 'unplugged') {
    await machine.run(['udevadm', 'settle'], options)
    return
  }
  const { exitCode, stderr } = await machine.run(['bash', '-c', waitForNicScript, 'wait', endpoint.nic, mac], options)
  if (exitCode !== 0)
    throw machineryError(
      `cannot plug in ${endpoint.node}:${endpoint.nic}: the machine does not see it: ${stderr.trim()}`,
    )
}
