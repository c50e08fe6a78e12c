import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { commandProblem } from '../../host/host-command.ts'
import { withLock } from '../../host/lock.ts'
import { managementNetwork } from './run-names.ts'
import { vagrantHome } from './vagrant-home.ts'
import { virsh, virshLines } from './virsh.ts'

/** As Vagrant would make it of the Vagrantfile. Without <forward> it leads nowhere. */
const description = `<network>
  <name>${managementNetwork}</name>
  <ip address='192.168.119.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.119.2' end='192.168.119.254'/></dhcp>
  </ip>
</network>
`

/**
 * Sees that there is the network by which machines are reached; to be called under the lock. If Vagrant made it, it
 * would take it away again from under another run. `folder` is for a short-lived file.
 * @throws WirelabError of kind machinery in libvirt's words
 */
export async function provideNetwork(folder: string): Promise<void> {
  try {
    await makeNetwork(folder)
  } catch (error) {
    throw machineryError(
      `cannot make the network by which machines are reached: ${commandProblem(error)}`,
      'Its addresses, 192.168.119.0/24, must be free on this host, and libvirt needs dnsmasq and iptables.',
      error,
    )
  }
}

async function makeNetwork(folder: string): Promise<void> {
  if (!(await virshLines('net-list', '--all', '--name')).includes(managementNetwork)) {
    const file = join(folder, 'network.xml')
    await writeFile(file, description)
    await virsh('net-define', file)
  }
  if (!(await virshLines('net-list', '--name')).includes(managementNetwork)) await virsh('net-start', managementNetwork)
}

/** How long a network's turn to be removed is waited for. Whoever has it longer brings machines up, and needs it. */
const networkTurnMs = 3000

/** Removes the network by which machines are reached, unless some are there or come up. Returns what went wrong. */
export async function removeIdleNetwork(): Promise<string[]> {
  const turn = AbortSignal.timeout(networkTurnMs)
  try {
    await withVagrantLock(turn, () => {}, removeNetwork)
    return []
  } catch (error) {
    return turn.aborted ? [] : [messageOf(error)]
  }
}

/** Whether the network is there, and no machine of ours may need it but those that are gone. */
export const isNetworkIdle = async (isGone: (name: string) => boolean) =>
  (await virshLines('net-list', '--all', '--name')).includes(managementNetwork) &&
  !(await virshLines('list', '--all', '--name')).some((name) => name.startsWith('wirelab-') && !isGone(name))

async function removeNetwork(): Promise<void> {
  if (!(await isNetworkIdle(() => false))) return
  await virsh('net-destroy', managementNetwork).catch(() => {})
  await virsh('net-undefine', managementNetwork)
}

/**
 * Runs a task while no other run brings machines up: then the network comes and goes in order, a box is copied to
 * libvirt once, and not more machines boot at the same time than a lab has.
 */
export async function withVagrantLock<T>(signal: AbortSignal, onWait: () => void, task: () => Promise<T>): Promise<T> {
  await mkdir(vagrantHome(), { recursive: true })
  return await withLock(join(vagrantHome(), 'wirelab.lock'), { signal, onWait }, task)
}
