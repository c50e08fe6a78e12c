import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, WirelabError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { Image } from '../../image/image.ts'
import type { PlannedMachine } from '../../plan.ts'
import { connectSsh } from '../../transports/ssh.ts'
import type { ChangeableMachine } from '../change-machine.ts'
import { stopUdevScript } from '../guest/guest-scripts.ts'
import { makeItself } from '../guest/make-itself.ts'
import type { SshHost } from './ssh-config.ts'
import { isNoDomain, virsh } from './virsh.ts'

/** A machine, and the domain of libvirt that it is. */
export interface VagrantMachine extends ChangeableMachine {
  readonly planned: PlannedMachine
  readonly domain: string
  readonly sshHost: SshHost
  /** Breaks the connection to it, so that nobody waits for its answers. */
  disconnect(): void
}

export interface LogInOptions {
  readonly image: Image
  readonly domain: string
  readonly sshHost: SshHost
  /** Resolves with words when its domain ends. */
  readonly ended: Promise<string>
  readonly signal: AbortSignal
}

/**
 * From the start of its domain a machine takes half a minute under emulation, and several times that on a busy host.
 */
const logInMs = 180_000
const attemptMs = 20_000
/** How long after its connection broke a machine may take to end, until the connection is blamed. */
const endKnownMs = 3000

/**
 * Logs in to a machine that Vagrant brought up, or libvirt started again, and makes it one of the lab.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export async function logInToMachine(planned: PlannedMachine, options: LogInOptions): Promise<VagrantMachine> {
  const { image, domain, sshHost, ended, signal } = options
  const address = { ...sshHost, user: 'root', clientKey: await readFile(image.clientKey), hostKey: image.hostKey }
  const plugged = planned.nics.filter((nic) => nic.plugged).map(({ name }) => name)
  const cannot = `cannot log in to machine ${planned.name}`
  const deadline = new AbortController()
  const logIn = async () => {
    for (;;) {
      const connection = await connectSsh(address, attemptMs).catch((error: unknown) => error as Error)
      if (!(connection instanceof Error)) return connection
      signal.throwIfAborted()
      if (deadline.signal.aborted) throw connection
      // Nobody listens until it has booted.
      await sleep(200)
    }
  }
  const died = ended.then((words) => {
    throw machineryError(`${cannot}: ${words}`)
  })
  died.catch(() => {})
  const connection = await within(Promise.race([logIn(), died]), logInMs, cannot, signal).finally(() =>
    deadline.abort(),
  )
  try {
    await connection.run(['bash', '-c', stopUdevScript], { timeoutMs: logInMs, signal })
    await makeItself(connection, planned, plugged, logInMs)
  } catch (error) {
    connection.close()
    throw error
  }

  let asked = false
  const explained = <T>(result: Promise<T>) =>
    result.catch(async (error: unknown) => {
      if (!(error instanceof WirelabError) || asked) throw error
      const reason = await Promise.race([ended, sleep(endKnownMs, undefined, { ref: false })])
      if (reason === undefined || asked) throw error
      throw machineryError(`machine ${planned.name} died: ${reason}`, undefined, error)
    })
  return {
    name: planned.name,
    planned,
    domain,
    sshHost,
    ended,
    start(argv, runOptions) {
      const running = connection.start(argv, runOptions)
      return { ...running, ended: explained(running.ended) }
    },
    run: (argv, runOptions) => explained(connection.run(argv, runOptions)),
    interact: (argv = ['bash', '-l']) => connection.interact(argv, { input: process.stdin, output: process.stdout }),
    pause: async () => void (await virsh('suspend', domain)),
    resume: async () => void (await virsh('resume', domain)),
    disconnect: () => connection.close(),
    async end() {
      asked = true
      connection.close()
      await virsh('destroy', domain).catch((error: unknown) => {
        if (!isNoDomain(error)) throw error
      })
    },
  }
}
