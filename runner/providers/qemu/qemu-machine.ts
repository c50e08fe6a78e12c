import { openSync } from 'node:fs'
import { machineryError, messageOf } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Image } from '../../image/image.ts'
import type { PlannedMachine } from '../../plan.ts'
import { connectSsh } from '../../transports/ssh.ts'
import type { DrivenMachine } from '../driver.ts'
import { makeItself } from '../guest/make-itself.ts'
import { panicIn } from '../panic-lines.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { type VirtualClock, virtualClock } from '../qmp/virtual-clock.ts'
import { withConsole } from '../running-machines.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { type Descriptors, descriptorIn, withOpen } from './descriptors.ts'
import { sshAddressOf } from './management.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { sealedMemory } from './sealed-files.ts'
import { templateCapabilities } from './template.ts'
import type { Template } from './template-files.ts'

/** A machine, and the QEMU that it runs in. */
export interface QemuMachine extends DrivenMachine {
  readonly qemu: QemuProcess
  /** The clock by which it stamps captured frames. */
  readonly clock: VirtualClock
  /** Where its SSH server is reached on the host. */
  readonly port: number
}

export interface CopyOptions {
  readonly image: Image
  readonly template: Template
  readonly accelerator: MachineShape['accelerator']
  /** Plugs in the NICs that the machine begins with; called before it runs. Returns their names. */
  wire(qmp: Qmp): Promise<readonly string[]>
  /** File for the console's log. */
  readonly consoleLog: string
  /** Receives what keeps that from being written. */
  readonly onLost: (cause: unknown) => void
  /** As StartOptions.outlivesWith. */
  readonly outlivesWith?: number
  /** The folders in which it makes files. */
  readonly folders: Descriptors
  readonly signal: AbortSignal
}

/** A copy answers in about a second on a quiet host, sixteen at once on a busy one in half a minute. */
const comeUpMs = 120_000
const consoleTailLines = 15

/**
 * Makes a machine as a copy of a template: restored, its NICs plugged in, logged in to, and made itself.
 * @throws WirelabError of kind machinery with its last console lines when it does not come up
 */
export async function copyTemplate(planned: PlannedMachine, options: CopyOptions): Promise<QemuMachine> {
  const { image, template, accelerator, consoleLog, onLost, outlivesWith, signal } = options
  const { name, memoryMiB } = planned
  const memory = await sealedMemory(template)
  const open = () => ({ root: openSync(image.root, 'r'), state: openSync(template.stateFile, 'r') })
  const qemu = await withOpen(open, (opened) =>
    startQemu({
      arguments: qemuArguments({ image, accelerator, memoryMiB }, { name, incoming: true }),
      descriptors: { ...options.folders, ...opened, memory },
      consoleLog,
      onLost,
      ...(outlivesWith === undefined ? {} : { outlivesWith }),
    }),
  )
  const consoleTail = () => qemu.console.tail(consoleTailLines)
  const clock = virtualClock(qemu.qmp)
  const ended = qemu.ended.then(({ words }) => words)
  const cannot = `cannot bring up machine ${name}`
  try {
    const up = comeUp(qemu, planned, options).catch((error: unknown) => {
      throw machineryError(`${cannot}: ${messageOf(error)}`, undefined, error)
    })
    const died = ended.then((words) => {
      throw machineryError(`${cannot}: ${words}`)
    })
    const { connection, port } = await within(Promise.race([up, died]), comeUpMs, cannot, signal)
    return {
      qemu,
      port,
      connection,
      ended,
      consoleTail,
      panic: () => panicIn(qemu.console.visibleText()),
      clock,
      async pause() {
        clock.stand()
        await qemu.qmp.execute('stop')
      },
      async resume() {
        const sinceMs = hostNowMs()
        await qemu.qmp.execute('cont')
        clock.goOn(sinceMs)
      },
      end: () => qemu.kill(),
    }
  } catch (error) {
    await qemu.kill()
    if (signal.aborted) throw error
    throw machineryError(withConsole(messageOf(error), consoleTail()), undefined, error)
  }
}

async function comeUp(qemu: QemuProcess, planned: PlannedMachine, { image, template, wire }: CopyOptions) {
  await restore(qemu)
  const plugged = await wire(qemu.qmp)
  await qemu.qmp.execute('cont')
  const missedMs = hostNowMs() - template.frozenAtMs
  const address = await sshAddressOf(image, qemu.qmp)
  const connection = await connectSsh(address, comeUpMs)
  await makeItself(connection, planned, { plugged, missedMs, timeoutMs: comeUpMs })
  return { connection, port: address.port }
}

async function restore({ qmp }: QemuProcess): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: templateCapabilities })
  const done = qmp.waitFor(
    ({ event, data }) => event === 'MIGRATION' && /completed|failed/.test(String(data?.['status'])),
  )
  await qmp.execute('migrate-incoming', { uri: `fd:${descriptorIn('state')}` })
  const { data } = await done
  if (data?.['status'] !== 'completed')
    throw machineryError(
      'cannot restore the frozen state: QEMU refused it',
      `To make everything anew: ${ownCommand('image remove')}, and ${ownCommand('setup')}`,
    )
}
