import { machineryError } from '../../errors.ts'
import type { PlannedNic } from '../../plan.ts'
import { silenceNic } from '../qmp/nic-filters.ts'
import type { NicOperations } from '../wiring.ts'
import type { VagrantMachine } from './vagrant-machine.ts'
import { qmpOf, virsh } from './virsh.ts'

/** What vagrant-libvirt names NICs by: their slots, of which the first is the management NIC's. */
const slotOf = ({ planned }: Pick<VagrantMachine, 'planned'>, nic: PlannedNic) =>
  planned.nics.filter(({ plugged }) => plugged).indexOf(nic) + 1

/** A NIC's network backend in QEMU, as libvirt names it. */
export const libvirtBackendOf = (machine: Pick<VagrantMachine, 'planned'>, nic: PlannedNic): string =>
  `hostua-net-${slotOf(machine, nic)}`

/** Cables as Vagrant declared them: pairs of UDP sockets. They are plugged in with their machine, and stay. */
export const libvirtCables: NicOperations<VagrantMachine> = {
  async plug() {},
  async unplug({ name }, nic) {
    throw machineryError(`cannot unplug ${name}:${nic.name}: Vagrant's machines keep their NICs`)
  },
  async setCarrier(machine, nic, up) {
    await virsh('domif-setlink', machine.domain, nic.mac, up ? 'up' : 'down')
  },
  silence: (machine, nic, direction) => silenceNic(qmpOf(machine.domain), libvirtBackendOf(machine, nic), direction),
}
