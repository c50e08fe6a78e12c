import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, messageOf, WirelabError } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import type { Image } from '../../image/image.ts'
import type { PlannedMachine } from '../../plan.ts'
import { connectSsh } from '../../transports/ssh.ts'
import type { ChangeableMachine } from '../change-machine.ts'
import { makeItself } from '../guest/make-itself.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { sshAddressOf } from './management.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { type Template, templateCapabilities } from './template.ts'

/** A machine, and the QEMU that it runs in. */
export interface QemuMachine extends ChangeableMachine {
  readonly planned: PlannedMachine
  readonly qemu: QemuProcess
  /** Where its SSH server is reached on the host. */
  readonly port: number
  /** Leaves it running, without a connection to it. */
  detach(): void
}

export interface CopyOptions {
  readonly image: Image
  readonly template: Template
  readonly accelerator: MachineShape['accelerator']
  /** Plugs in the NICs that the machine begins with; called before it runs. Returns their names. */
  wire(qmp: Qmp): Promise<readonly string[]>
  /** File for the console's log. */
  readonly consoleLog: string
  readonly outlives: boolean
  readonly signal: AbortSignal
}

/** A copy answers in about a second on a quiet host, sixteen at once on a busy one in half a minute. */
const comeUpMs = 120_000
const consoleTailLines = 15
/** How long after its connection broke a machine may take to end, until the connection is blamed. */
const endKnownMs = 3000

/**
 * Makes a machine as a copy of a template: restored, its NICs plugged in, logged in to, and made itself.
 * @throws WirelabError of kind machinery with its last console lines when it does not come up
 */
export async function copyTemplate(planned: PlannedMachine, options: CopyOptions): Promise<QemuMachine> {
  const { image, template, accelerator } = options
  const shape = { image, accelerator, memoryMiB: planned.memoryMiB }
  const qemu = await startQemu({
    arguments: qemuArguments(shape, {
      name: planned.name,
      memoryFile: template.memoryFile,
      shared: false,
      incoming: true,
    }),
    consoleLog: options.consoleLog,
    outlives: options.outlives,
  })
  const cannot = `cannot bring up machine ${planned.name}`
  let asked = false
  /** A connection breaks some time before its machine is known to have ended, and the end is what to tell. */
  const explained = <T>(result: Promise<T>) =>
    result.catch(async (error: unknown) => {
      if (!(error instanceof WirelabError) || asked) throw error
      const reason = await Promise.race([qemu.ended, sleep(endKnownMs, undefined, { ref: false })])
      if (reason === undefined || asked) throw error
      const tail = qemu.console.tail(consoleTailLines)
      throw machineryError(
        `machine ${planned.name} died: ${reason}${tail ? `\nlast lines of its console:\n${tail}` : ''}`,
        undefined,
        error,
      )
    })
  const died = qemu.ended.then((words) => {
    throw machineryError(`${cannot}: ${words}`)
  })
  died.catch(() => {})
  try {
    const comeUp = async () => {
      await restore(qemu, template)
      const plugged = await options.wire(qemu.qmp)
      await qemu.qmp.execute('cont')
      const address = await sshAddressOf(image, qemu.qmp)
      const connection = await connectSsh(address, comeUpMs)
      await makeItself(connection, planned, plugged, comeUpMs)
      return { connection, port: address.port }
    }
    const { connection, port } = await within(Promise.race([comeUp(), died]), comeUpMs, cannot, options.signal)
    return {
      name: planned.name,
      planned,
      qemu,
      ended: qemu.ended,
      pause: async () => void (await qemu.qmp.execute('stop')),
      resume: async () => void (await qemu.qmp.execute('cont')),
      port,
      start(argv, runOptions) {
        const running = connection.start(argv, runOptions)
        return { ...running, ended: explained(running.ended) }
      },
      run: (argv, runOptions) => explained(connection.run(argv, runOptions)),
      interact: (argv = ['bash', '-l']) => connection.interact(argv, { input: process.stdin, output: process.stdout }),
      detach() {
        connection.close()
        qemu.detach()
      },
      async end() {
        asked = true
        connection.close()
        await qemu.kill()
      },
    }
  } catch (error) {
    await qemu.kill()
    if (options.signal.aborted || asked) throw error
    const tail = qemu.console.tail(consoleTailLines)
    const words = messageOf(error).startsWith(cannot) ? messageOf(error) : `${cannot}: ${messageOf(error)}`
    throw machineryError(tail ? `${words}\nlast lines of its console:\n${tail}` : words, undefined, error)
  }
}

async function restore({ qmp }: QemuProcess, { stateFile }: Template): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: templateCapabilities })
  const done = qmp.waitFor(
    ({ event, data }) => event === 'MIGRATION' && /completed|failed/.test(String(data?.['status'])),
  )
  await qmp.execute('migrate-incoming', { uri: `exec:cat ${stateFile.replaceAll(/[^\w/.-]/g, '\\$&')}` })
  const { data } = await done
  if (data?.['status'] !== 'completed')
    throw machineryError(
      'cannot restore the frozen state: QEMU refused it',
      'npm run lab image remove --templates, then npm run setup',
    )
}
