import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { Image } from '../../image/image.ts'
import type { PlannedMachine } from '../../plan.ts'
import type { NicState } from '../../transports/agent-protocol.ts'
import { connectSsh } from '../../transports/ssh.ts'
import { overTcp, type SshAddress } from '../../transports/ssh-login.ts'
import type { Connection } from '../../transports/transport.ts'
import { stopUdevScript } from '../guest/guest-scripts.ts'
import { makeItself } from '../guest/make-itself.ts'

export interface LogInOptions {
  readonly image: Image
  /** The address at which it is. */
  readonly sshHost: string
  /** Resolves with words when its domain ends. */
  readonly ended: Promise<string>
  /** Hears what the machine does to its NICs. */
  onNic(nic: NicState): void
  readonly signal: AbortSignal
}

/**
 * From the start of its domain a machine takes half a minute under emulation, and several times that on a busy host.
 */
const logInMs = 180_000
const attemptMs = 20_000
/** Where the image lets the runner in; at the port that Vagrant knows it has sessions of the machine's own. */
const runnersPort = 1022

/**
 * Logs in to a machine that Vagrant brought up, or libvirt started again, and makes it one of the lab.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export async function logInToMachine(planned: PlannedMachine, options: LogInOptions): Promise<Connection> {
  const { image, sshHost, ended, onNic, signal } = options
  const way = overTcp(sshHost, runnersPort)
  const address = { ...way, user: 'root', clientKey: await readFile(image.clientKey), hostKey: image.hostKey }
  const plugged = planned.nics.filter((nic) => nic.plugged).map(({ name }) => name)
  const cannot = `cannot log in to machine ${planned.name}`
  const died = ended.then((words) => {
    throw machineryError(`${cannot}: ${words}`)
  })
  const deadline = new AbortController()
  const answer = firstAnswer(address, onNic, AbortSignal.any([signal, deadline.signal]))
  const connection = await within(Promise.race([answer, died]), logInMs, cannot, signal).finally(() => deadline.abort())
  try {
    await connection.run(['bash', '-c', stopUdevScript], { timeoutMs: logInMs, signal })
    await makeItself(connection, planned, { plugged, timeoutMs: logInMs })
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Tries to log in until somebody answers. @throws the signal's reason */
async function firstAnswer(
  address: SshAddress,
  onNic: LogInOptions['onNic'],
  signal: AbortSignal,
): Promise<Connection> {
  for (;;) {
    const connection = await connectSsh(address, attemptMs, onNic).catch(() => undefined)
    if (connection && !signal.aborted) return connection
    connection?.close()
    signal.throwIfAborted()
    // Nobody listens until it has booted.
    await sleep(200)
  }
}
