import { createHash } from 'node:crypto'
import { usageError } from '../../errors.ts'
import { consoleFile } from '../../host/results-folder.ts'
import type { Plan } from '../../plan.ts'

/** What the Vagrantfile declares: written as JSON, read by it. */
export interface VagrantPlan {
  readonly lab: string
  readonly variant: string
  /** What the names of machines begin with for the hypervisor. */
  readonly prefix: string
  readonly accelerator: 'kvm' | 'tcg'
  /** Our own box, if an image is built. */
  readonly box?: string
  /** What a box that is not ours must install. */
  readonly packages: readonly string[]
  readonly machines: readonly PlannedVagrantMachine[]
}

export interface PlannedVagrantMachine {
  readonly name: string
  readonly memoryMiB: number
  readonly cpus: number
  /** A file that receives what it prints on its console; an own end of the hypervisor's when absent. */
  readonly console?: string
  /** Those that are in the machine from the beginning, in the order of their slots. */
  readonly nics: readonly PlannedVagrantNic[]
}

export interface PlannedVagrantNic {
  readonly name: string
  /** Lower case, colons. */
  readonly mac: string
  /** Name of the cable for hypervisors that know cables by name. */
  readonly network: string
  /** UDP ports on 127.0.0.1 for hypervisors that join NICs by datagrams: its own, and that of the other end. */
  readonly localPort: number
  readonly remotePort: number
}

export interface VagrantPlanOptions extends Pick<VagrantPlan, 'prefix' | 'accelerator' | 'packages'> {
  readonly box: string | undefined
  /** Two for each cable. */
  readonly ports: readonly number[]
  /** Folder for what machines print on their consoles. */
  readonly consoles?: string
}

/** Why machines through Vagrant have one image. */
export const oneBox = {
  no: 'cannot run machines of several images through Vagrant: all machines of a run come from one box',
  remedy: 'Choose one by --image, for labs whose nodes name none of their own.',
}

/** A plan as Vagrant needs it. Pure. */
export function vagrantPlanOf(plan: Plan, options: VagrantPlanOptions): VagrantPlan {
  const { prefix, accelerator, packages, box, ports, consoles } = options
  const hub = plan.cables.find(({ endpoints }) => endpoints.length > 2)
  if (hub !== undefined)
    throw usageError(
      `cannot bring ${plan.lab} up by Vagrant: the hub of ${hub.endpoints.join(', ')} joins more than two NICs`,
      'QEMU has hubs (--provider qemu); for Vagrant, make a bridge in a machine of its own',
    )
  const portOf = (cable: number, end: number) => ports[2 * cable + end] ?? 0
  return {
    lab: plan.lab,
    variant: plan.variant.name,
    prefix,
    accelerator,
    ...(box === undefined ? {} : { box }),
    packages,
    machines: plan.machines.map(({ name, memoryMiB, cpus, nics }) => ({
      name,
      memoryMiB,
      cpus,
      ...(consoles === undefined ? {} : { console: `${consoles}/${consoleFile(name, 1)}` }),
      nics: nics
        .filter(({ plugged }) => plugged)
        .map((nic) => ({
          name: nic.name,
          mac: nic.mac,
          network: `${prefix}cable${nic.cable}`,
          localPort: portOf(nic.cable, nic.end),
          remotePort: portOf(nic.cable, 1 - nic.end),
        })),
    })),
  }
}

const firstPort = 20_000
const lastPort = 29_999

/**
 * Ports for the cables of a lab that a person brings up: the same whenever Vagrant asks, because a command may bring up
 * a machine alone. `owner` tells one checkout of wirelab from another.
 */
export function lastingPorts(owner: string, { lab, cables }: Plan): number[] {
  const digest = createHash('sha256')
    .update(JSON.stringify([owner, lab]))
    .digest()
  const room = lastPort - firstPort + 1 - 2 * cables.length
  const first = firstPort + (digest.readUInt32BE() % room)
  return Array.from({ length: 2 * cables.length }, (_, at) => first + at)
}
