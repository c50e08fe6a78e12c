import { join } from 'node:path'
import type { Plan, PlannedNic } from '../../plan.ts'
import { hubEndOf, hubPortOf } from './cables.ts'
import { option, sandboxArguments } from './command-line.ts'
import type { Descriptors } from './descriptors.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'

/** What the QEMU of a lab's hubs is called, beside those of its machines: no machine has such a name. */
const hubsName = 'the hubs'

export interface HubsOptions {
  /** The folder in which sockets are made. */
  readonly folders: Descriptors
  /** Holds what it says. */
  readonly folder: string
  /** As StartOptions.outlivesWith. */
  readonly outlivesWith?: number
}

/** The hubs of one bring-up. */
export interface Hubs {
  /** Starts them, where the plan has any. When they end of themselves, `onDeath` is called: the lab is another then. */
  begin(onDeath: () => void): Promise<void>
  /** Opens or closes the port to a NIC. */
  setPort(nic: PlannedNic, open: boolean): Promise<void>
  end(): Promise<void>
  /** Lets this process end while they go on. */
  detach(): void
}

/**
 * The hubs of a plan, in a QEMU that has no machine: what comes in at an end leaves at all others of its hub. Each end
 * is a cable of its own, from a NIC to a port.
 */
export function hubsOf(plan: Plan, { folders, folder, outlivesWith }: HubsOptions): Hubs {
  const ends = plan.machines.flatMap(({ nics }) => nics.filter(({ atHub }) => atHub))
  const ports = ends.flatMap(hubPortOf).flatMap((netdev) => ['-netdev', JSON.stringify(netdev)])
  let qemu: QemuProcess | undefined
  let ending = false
  return {
    async begin(onDeath) {
      if (ends.length === 0) return
      qemu = await startQemu({
        arguments: [
          ...['-name', option(hubsName), ...sandboxArguments, '-nodefaults', '-no-user-config', '-display', 'none'],
          ...['-machine', 'none', '-qmp', 'stdio', ...ports],
        ],
        descriptors: folders.sockets === undefined ? {} : { sockets: folders.sockets },
        consoleLog: join(folder, 'hubs.log'),
        ...(outlivesWith === undefined ? {} : { outlivesWith }),
      })
      void qemu.ended.then(() => {
        if (!ending) onDeath()
      })
    },
    async setPort(nic, open) {
      await qemu?.qmp.execute('set_link', { name: hubEndOf(nic), up: open })
    },
    async end() {
      ending = true
      await qemu?.kill()
    },
    detach: () => qemu?.detach(),
  }
}
