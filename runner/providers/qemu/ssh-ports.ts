import type { Plan } from '../../plan.ts'
import { descriptorIn, pathIn } from './descriptors.ts'

/** What a machine's SSH ports lead to, by their numbers. A port that is not named here has nothing at its other end. */
export type SshPorts = Readonly<Record<number, PortEnd>>

/**
 * The other end of a port: the runner, by a stream that it holds; nobody, though the port seems to be open; or whoever
 * connects to a socket, one after the other.
 */
export type PortEnd = 'runner' | 'open' | { readonly socket: string }

/** The port at which a server waits in a template. */
export const runnersPort = 1
/** Ports at which a server begins when somebody comes: at one of them the runner warms a template up. */
export const visitorsPorts = [2, 3, 4, 5] as const
const lastPort = 5

/**
 * Those of a template in the making. The runner warms it up at a visitor's port, so that at its own, which seems to be
 * open, a server still waits when it is frozen.
 */
export const templatePorts = { [runnersPort]: 'open', [visitorsPorts[0]]: 'runner' } as const

/** The port after one, round and round. */
export const anotherPort = (port: number): number => (port % lastPort) + 1

/** QEMU's arguments for the ports: virtio-serial, without any network. The same devices whatever they lead to. */
export const portArguments = (ports: SshPorts): string[] => [
  // Port 0 is a console's.
  ...['-device', `virtio-serial-pci,max_ports=${lastPort + 1}`],
  ...[runnersPort, ...visitorsPorts].flatMap((number) => {
    const end = ports[number]
    const port = `virtserialport,nr=${number},name=wirelab.ssh.${number}`
    if (end === undefined) return ['-device', port]
    return ['-chardev', `${chardevOf(end)},id=ssh${number}`, '-device', `${port},chardev=ssh${number}`]
  }),
]

function chardevOf(end: PortEnd): string {
  // A null device counts as closed (QEMU's chardev/char-null.c).
  if (end === 'open') return 'ringbuf'
  if (end === 'runner') return `socket,fd=${descriptorIn('ssh')}`
  return `socket,path=${pathIn('sockets', end.socket)},server=on,wait=off`
}

/** The sockets of a machine's visitors, in the folder of sockets; the machine is named by its place in the plan. */
export const visitorsOf = ({ machines }: Pick<Plan, 'machines'>, name: string): SshPorts => {
  const at = machines.findIndex((machine) => machine.name === name)
  return Object.fromEntries(visitorsPorts.map((port) => [port, { socket: visitorsSocket(at, port) }]))
}

/** The name of the socket at a port of the machine at that place. */
export const visitorsSocket = (machine: number, port: number): string => `ssh${machine}-${port}`
