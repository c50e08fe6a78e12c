import { within } from '../../host/deadline.ts'
import type { PlannedNic } from '../../plan.ts'
import { hotPlugMs } from '../guest/change-nic.ts'
import { silenceNic } from '../qmp/nic-filters.ts'
import type { Qmp } from '../qmp/qmp.ts'
import type { NicOperations } from '../wiring.ts'
import { pathIn } from './descriptors.ts'
import { templateMac } from './template-macs.ts'

/** Names in QEMU of a lab NIC: its network backend and its device. */
export const backendOf = (nic: PlannedNic) => `cable${nic.cable}-${nic.end}`
export const deviceOf = (nic: PlannedNic) => `nic${nic.cable}-${nic.end}`

/**
 * Socket at one end of a cable, in the folder that its QEMU has open. Each end sends to the other's, in any order of
 * start.
 */
const socketOf = (cable: number, end: number | string) => pathIn('sockets', `cable${cable}-${end}`)

/** The hub's socket for one of its ends. */
const hubSocketOf = (cable: number, end: number) => socketOf(cable, `hub${end}`)

/**
 * A cable's end as QEMU takes it. A cable is a pair of unix datagram sockets: one Ethernet frame a datagram, and nothing
 * of the host's network is touched.
 */
export const cableOf = (nic: PlannedNic) => ({
  type: 'dgram',
  id: backendOf(nic),
  local: { type: 'unix', path: socketOf(nic.cable, nic.end) },
  remote: {
    type: 'unix',
    path: nic.atHub ? hubSocketOf(nic.cable, nic.end) : socketOf(nic.cable, 1 - nic.end),
  },
})

/** Name in the hubs' QEMU of what joins a port to its cable. */
export const hubEndOf = ({ cable, end }: Pick<PlannedNic, 'cable' | 'end'>) => `end${cable}-${end}`

/** A hub's port for one of its ends, as QEMU takes it: the end's socket, and the hub that it is joined to. */
export const hubPortOf = ({ cable, end }: Pick<PlannedNic, 'cable' | 'end'>) => [
  {
    type: 'dgram',
    id: hubEndOf({ cable, end }),
    local: { type: 'unix', path: hubSocketOf(cable, end) },
    remote: { type: 'unix', path: socketOf(cable, end) },
  },
  { type: 'hubport', id: `port${cable}-${end}`, hubid: cable, netdev: hubEndOf({ cable, end }) },
]

/** A NIC as QEMU takes it, joined to its cable. */
export const nicIn = (nic: PlannedNic) => ({ ...nicDevice(deviceOf(nic), nic.mac), netdev: backendOf(nic) })

/** A NIC of a template, joined to nothing: what a copy has in its place has its state. */
export const templateNic = (number: number) => nicDevice(`nic${number}`, templateMac(number))

/**
 * A NIC that a template has while it gets others, so that it has the name eth0; the last place on the root bus leaves
 * them theirs.
 */
export const spareNic = () => ({ ...nicDevice('spare', templateMac(0xff)), addr: '0x1f' })

/** What tells of no speed is no port to a bond that aggregates by 802.3ad. */
const speed = { speed: 1000, duplex: 'full' } as const

/**
 * A NIC that announces itself after a restore loses its timer for that when it is not to (QEMU 7.2,
 * virtio_net_post_load_device), and its next reset by the machine ends QEMU.
 */
const silent = { guest_announce: false } as const

const nicDevice = (id: string, mac: string) => ({ driver: 'virtio-net-pci', id, mac, ...speed, ...silent, romfile: '' })

/** Plugs a NIC into a machine, joined to its cable. */
export async function plugNic(qmp: Qmp, nic: PlannedNic): Promise<void> {
  await qmp.execute('netdev_add', cableOf(nic))
  await qmp.execute('device_add', nicIn(nic))
}

/** Unplugs a NIC from a running machine; done when the machine has let it go. */
export async function unplugNic(qmp: Qmp, nic: PlannedNic): Promise<void> {
  await unplugDevice(qmp, deviceOf(nic), nic.name)
  await qmp.execute('netdev_del', { id: backendOf(nic) })
}

/** Unplugs a device from a running machine; done when the machine has let it go. */
export async function unplugDevice(qmp: Qmp, id: string, name = id): Promise<void> {
  const gone = qmp.waitFor(({ event, data }) => event === 'DEVICE_DELETED' && data?.['device'] === id)
  await qmp.execute('device_del', { id })
  await within(gone, hotPlugMs, `cannot unplug ${name}`)
}

/** Cables as pairs of sockets. */
export const socketCables: NicOperations<Qmp> = {
  plug: plugNic,
  unplug: unplugNic,
  setCarrier,
  silence: (qmp, nic, direction) => silenceNic(qmp, backendOf(nic), direction),
}

/** Whether a NIC has carrier. Without it no frame passes either way. */
export async function setCarrier(qmp: Qmp, nic: PlannedNic, up: boolean): Promise<void> {
  await qmp.execute('set_link', { name: deviceOf(nic), up })
}
