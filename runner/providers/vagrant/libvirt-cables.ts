import { machineryError } from '../../errors.ts'
import type { PlannedMachine, PlannedNic } from '../../plan.ts'
import { silenceNic } from '../qmp/nic-filters.ts'
import type { NicOperations } from '../wiring.ts'
import { qmpOf, virsh } from './virsh.ts'

/** A machine as libvirt knows it. */
export interface Domain {
  readonly name: string
  readonly planned: PlannedMachine
}

/** What vagrant-libvirt names NICs by: their slots, of which the first is the management NIC's. */
const slotOf = ({ planned }: Domain, nic: PlannedNic) => planned.nics.filter(({ plugged }) => plugged).indexOf(nic) + 1

/** A NIC's network backend in QEMU, as libvirt names it. */
export const libvirtBackendOf = (domain: Domain, nic: PlannedNic): string => `hostua-net-${slotOf(domain, nic)}`

/** Cables as Vagrant declared them: pairs of UDP sockets. They are plugged in with their machine, and stay. */
export const libvirtCables: NicOperations<Domain> = {
  async plug() {},
  async unplug({ planned }, nic) {
    throw machineryError(`cannot unplug ${planned.name}:${nic.name}: Vagrant's machines keep their NICs`)
  },
  async setCarrier({ name }, nic, up) {
    await virsh('domif-setlink', name, nic.mac, up ? 'up' : 'down')
  },
  silence: (domain, nic, direction) => silenceNic(qmpOf(domain.name), libvirtBackendOf(domain, nic), direction),
}
