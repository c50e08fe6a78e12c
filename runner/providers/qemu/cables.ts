import { join } from 'node:path'
import type { PlannedMachine, PlannedNic } from '../../plan.ts'
import type { Qmp } from './qmp.ts'

/** Names in QEMU of a lab NIC: its network backend and its device. */
export const backendOf = (nic: PlannedNic) => `cable${nic.cable}-${nic.end}`
export const deviceOf = (nic: PlannedNic) => `nic${nic.cable}-${nic.end}`

/** Socket at one end of a cable. Each end sends to the other's, in any order of start. */
const socketOf = (runtimeFolder: string, cable: number, end: number) => join(runtimeFolder, `cable${cable}-${end}`)

/**
 * Plugs a NIC into a machine, joined to its cable. A cable is a pair of unix datagram sockets: one Ethernet frame a
 * datagram, and nothing of the host's network is touched.
 */
export async function plugNic(qmp: Qmp, nic: PlannedNic, runtimeFolder: string): Promise<void> {
  await qmp.execute('netdev_add', {
    type: 'dgram',
    id: backendOf(nic),
    local: { type: 'unix', path: socketOf(runtimeFolder, nic.cable, nic.end) },
    remote: { type: 'unix', path: socketOf(runtimeFolder, nic.cable, 1 - nic.end) },
  })
  await qmp.execute('device_add', {
    driver: 'virtio-net-pci',
    id: deviceOf(nic),
    netdev: backendOf(nic),
    mac: nic.mac,
    romfile: '',
  })
}

/** The NIC of a machine with this name in it. */
export const nicNamed = (machine: PlannedMachine, name: string): PlannedNic | undefined =>
  machine.nics.find((nic) => nic.name === name)

let captures = 0

/** Keeps every frame that passes a NIC's end of its cable, both ways, as pcap in `file`. Gives what ends it. */
export async function startCableCapture(qmp: Qmp, nic: PlannedNic, file: string): Promise<() => Promise<void>> {
  const id = `capture${captures++}`
  await qmp.execute('object-add', { 'qom-type': 'filter-dump', id, netdev: backendOf(nic), file })
  return async () => {
    await qmp.execute('object-del', { id })
  }
}
