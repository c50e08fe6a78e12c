import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs inside a machine as bash, before anything of the lab: stops udev. */
export const stopUdevScript = read('stop-udev.sh')

/** Runs inside a template as bash before it is frozen: what most labs use is then in every copy's page cache. */
export const warmUpScript = `${read('warm-up.sh')}${stopUdevScript}`

/** Runs inside a machine as bash: prints what its clock says. */
export const tellTimeScript = read('tell-time.sh')

/** Runs inside a machine as bash: starts udev, which gives a NIC its name before anything else hears of it. */
export const startUdevScript = read('start-udev.sh')

/** Runs inside a machine as bash: waits until a NIC that was plugged in has the name that the lab gives it. */
export const waitForNicScript = read('wait-for-nic.sh')

/** Runs inside a machine as bash: sets the queue discipline of a NIC, in whatever network namespace that is. */
export const impairNicScript = read('impair-nic.sh')

/** Runs inside a machine as bash: prints what the kernel and systemd said since the lab began. */
export const lookForCrashesScript = read('look-for-crashes.sh')

/** Runs inside a machine as bash: prints the links and addresses of all its network namespaces. */
export const showNetworkScript = read('show-network.sh')

/** Runs in a node as Python: sends a stream of numbered datagrams and says when. */
export const streamSenderScript = read('stream-sender.py')

/** Runs in a node as Python: says when each datagram of a stream arrived. */
export const streamReceiverScript = read('stream-receiver.py')

/** Runs in a node as Python: asks a server on schedule and says when it was answered. */
export const requestSenderScript = read('request-sender.py')

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8')
}
