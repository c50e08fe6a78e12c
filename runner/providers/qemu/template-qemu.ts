import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError } from '../../errors.ts'
import { makeConfinedFolder } from '../../host/confinement.ts'
import { within } from '../../host/deadline.ts'
import { processorMs } from '../../host/processor-time.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { machineClock } from '../machine-clock.ts'
import { watchProcessorWaits } from '../qmp/processor-waits.ts'
import { withConsole } from '../running-machines.ts'
import { type Instance, type MachineShape, qemuArguments } from './command-line.ts'
import { type Descriptors, openFolder, socketsFolder, withOpen } from './descriptors.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'

/** Cold boot of the image under emulation takes about 12 s; this is the time in which the machine could run. */
export const bootMs = 120_000

const name = 'wirelab-template'

export interface TemplateQemu extends Pick<Instance, 'incoming' | 'ports'> {
  readonly shape: MachineShape
  /** Opens what QEMU is to have open; it is closed here when that runs. */
  open(): Promise<Descriptors> | Descriptors
  /** What it is to have open, too, and stays open here. */
  readonly held?: Descriptors
  /** What can't be done when it takes too long. */
  readonly cannot: string
}

/**
 * Runs a QEMU whose machine has no NICs for as long as something is done to it that a template comes of.
 * @throws what `work` throws, with the console's last lines; WirelabError of kind machinery when it takes too long
 */
export async function withTemplateQemu(
  { shape, incoming, ports, open, held = {}, cannot }: TemplateQemu,
  work: (qemu: QemuProcess, runtimeFolder: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const runtimeFolder = makeRuntimeFolder()
  const sockets = join(runtimeFolder.path, socketsFolder)
  try {
    makeConfinedFolder(sockets)
    const qemu = await withOpen(
      async () => ({ ...(await open()), sockets: openFolder(sockets) }),
      (opened) =>
        startQemu({
          arguments: qemuArguments(shape, { name, incoming, ports, nics: [] }),
          descriptors: { ...opened, ...held },
          consoleLog: join(runtimeFolder.path, 'console'),
        }),
    )
    const watch = () => watchProcessorWaits(() => new Map([[qemu.pid, name]]))
    const clock = machineClock({ watchProcessorWaits: watch })
    const ended = qemu.ended.then(({ words }) => {
      throw machineryError(`${cannot}: ${words}`)
    })
    try {
      await within(Promise.race([work(qemu, runtimeFolder.path), ended]), bootMs, cannot, signal, clock)
    } catch (error) {
      throw withTail(error, qemu.console.tail(15))
    } finally {
      clock.end()
      await qemu.kill()
    }
  } finally {
    runtimeFolder.remove()
  }
}

const withTail = (error: unknown, tail: string) =>
  error instanceof Error && tail ? machineryError(withConsole(error.message, tail), undefined, error) : error

/** How long a machine does nothing until it counts as idle, and how much work of its host's is nothing. */
const idleMs = 300
const nothingMs = 20

/** Waits until a machine has dealt with what went before: nothing of that is to be frozen. */
export async function untilIdle({ pid }: Pick<QemuProcess, 'pid'>): Promise<void> {
  for (let before = processorMs(pid); ; ) {
    await sleep(idleMs)
    const now = processorMs(pid)
    if (now - before <= nothingMs) return
    before = now
  }
}
