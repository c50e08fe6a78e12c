import { openSync, readFileSync } from 'node:fs'
import { machineryError, messageOf } from '../../errors.ts'
import { within } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import type { Image } from '../../image/image.ts'
import { makeClientKey } from '../../image/ssh-keys.ts'
import type { PlannedMachine, PlannedNic } from '../../plan.ts'
import type { Connection } from '../../transports/transport.ts'
import type { DrivenMachine, StartNics } from '../driver.ts'
import { makeItself } from '../guest/make-itself.ts'
import { setClockForward } from '../guest/set-clock.ts'
import { panicIn } from '../panic-lines.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { type VirtualClock, virtualClock } from '../qmp/virtual-clock.ts'
import { withConsole } from '../running-machines.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { type Descriptors, openUnnamed, withOpen } from './descriptors.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { demandFit, type SavedQemu, saveQemu, type ToSave } from './saved-qemu.ts'
import { sealedMemory } from './sealed-files.ts'
import { sshAddressOf } from './ssh-address.ts'
import { anotherPort, runnersPort, type SshPorts } from './ssh-ports.ts'
import type { Template } from './template-files.ts'
import { withMacs } from './template-macs.ts'
import { loadState } from './write-state.ts'

/** A machine, and the QEMU that it runs in. */
export interface QemuMachine extends DrivenMachine {
  readonly qemu: QemuProcess
  /** The clock by which it stamps captured frames. */
  readonly clock: VirtualClock
}

export interface CopyOptions {
  readonly image: Image
  readonly template: Template
  /** That of the template. */
  readonly shape: MachineShape
  readonly nics: StartNics<Qmp>
  /** What it goes on as; without it, as the template. */
  readonly saved: SavedQemu | undefined
  /** The sockets at which others than the runner reach it, by the numbers of ports. */
  readonly visitors: SshPorts
  /** Holds files that are gone when they are open. */
  readonly folder: string
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

interface ComingUp extends CopyOptions {
  readonly loading: Promise<typeof import('../../transports/ssh.ts')>
  /** As SealedCopy. */
  readonly sealed: Promise<void>
}

/** A copy answers in about a second on a quiet host, sixteen at once on a busy one in half a minute. */
const comeUpMs = 120_000
const consoleTailLines = 15

/**
 * Makes a machine as a copy of a template: restored with its NICs, logged in to, and made itself.
 * @throws WirelabError of kind machinery with its last console lines when it does not come up
 */
export async function copyTemplate(planned: PlannedMachine, options: CopyOptions): Promise<QemuMachine> {
  const { image, shape, template, nics, saved, consoleLog, onLost, outlivesWith, signal } = options
  const { name } = planned
  if (saved) await demandFit(saved, template, image, shape)
  // So most have the name already that the template's have in this order.
  const byName = nics.plugged.toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
  const inside = saved === undefined ? byName.slice(0, template.nics) : byName
  const memory = await sealedMemory(template)
  const base = { descriptor: memory.descriptor, frozenAtMs: template.memoryFrozenAtMs }
  const macs = inside.map(({ mac }) => mac)
  const open = () => ({
    root: openSync(image.root, 'r'),
    state: saved?.open() ?? openUnnamed(options.folder, withMacs(readFileSync(template.stateFile), macs)),
  })
  // In a saved state a session still goes on at the port that it had; that one is closed.
  const port = saved === undefined ? runnersPort : anotherPort(saved.facts.port)
  const ports = { ...options.visitors, [port]: 'runner' } as const
  const places = saved === undefined ? {} : { places: saved.facts.places }
  const starting = withOpen(open, (opened) =>
    startQemu({
      arguments: qemuArguments(shape, { name, incoming: true, nics: inside, ports, ...places }),
      descriptors: { ...options.folders, ...opened, memory: memory.descriptor },
      consoleLog,
      onLost,
      ...(outlivesWith === undefined ? {} : { outlivesWith }),
    }),
  )
  // The SSH client is loaded while QEMU starts, which it does without this process.
  const loading = import('../../transports/ssh.ts')
  loading.catch(() => {})
  const qemu = await starting
  const consoleTail = () => qemu.console.tail(consoleTailLines)
  const clock = virtualClock(qemu.qmp)
  const ended = qemu.ended.then(({ words }) => words)
  const cannot = `cannot bring up machine ${name}`
  try {
    const up = comeUp(qemu, planned, inside, { ...options, loading, sealed: memory.sealed }).catch((error: unknown) => {
      throw machineryError(`${cannot}: ${messageOf(error)}`, undefined, error)
    })
    const died = ended.then((words) => {
      throw machineryError(`${cannot}: ${words}`)
    })
    const connection = await within(Promise.race([up, died]), comeUpMs, cannot, signal)
    const fixed = { qemu, shape, port, image, base, folder: options.folder, keys: saved?.facts.keys }
    const saving = savingOf({ ...fixed, connection })
    return {
      qemu,
      connection,
      ended,
      consoleTail,
      panic: () => panicIn(qemu.console.visibleText()),
      clock,
      async pause() {
        clock.stand()
        await qemu.qmp.execute('stop')
        saving.noteStop()
      },
      async resume() {
        const sinceMs = hostNowMs()
        await qemu.qmp.execute('cont')
        clock.goOn(sinceMs)
      },
      end: () => qemu.kill(),
      ...saving,
    }
  } catch (error) {
    await qemu.kill()
    if (signal.aborted) throw error
    throw machineryError(withConsole(messageOf(error), consoleTail()), undefined, error)
  }
}

interface Saving extends Omit<ToSave, 'file' | 'stoppedAtMs' | 'whole'> {
  readonly image: Image
  readonly connection: Connection
}

/** How a machine is saved. */
function savingOf({ image, base, connection, ...fixed }: Saving) {
  let stoppedAtMs = Number.NaN
  let { keys } = fixed
  return {
    noteStop() {
      stoppedAtMs = hostNowMs()
    },
    async admitOthers() {
      const key = makeClientKey()
      const stdin = Buffer.from(key.publicText)
      await connection.run(['tee', '-a', '/root/.ssh/authorized_keys'], { stdin, timeoutMs: comeUpMs })
      keys = { clientKey: key.privateText, hostKey: keys?.hostKey ?? image.hostKey }
    },
    save: (file: string, whole: boolean) =>
      saveQemu({
        ...{ ...fixed, keys, file, stoppedAtMs },
        ...(whole ? { whole: image } : { base }),
      }),
  }
}

async function comeUp(
  qemu: QemuProcess,
  planned: PlannedMachine,
  inside: readonly PlannedNic[],
  { image, template, nics, saved, loading, sealed }: ComingUp,
) {
  // What it runs could write to its memory's file until then.
  await sealed
  await loadState(qemu)
  const plugged = await nics.wire(qemu.qmp, inside)
  await qemu.qmp.execute('cont')
  const missedMs = hostNowMs() - (saved?.facts.stoppedAtMs ?? template.frozenAtMs)
  const { connectSsh } = await loading
  const address = await sshAddressOf(image, planned.name, () => qemu.ssh)
  const connection = await connectSsh({ ...address, ...saved?.facts.keys }, comeUpMs, nics.onNic)
  if (saved === undefined) await makeItself(connection, planned, { plugged, missedMs, timeoutMs: comeUpMs })
  else await setClockForward(connection, missedMs, { timeoutMs: comeUpMs })
  return connection
}
