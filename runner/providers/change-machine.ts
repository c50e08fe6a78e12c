import { machineryError, stateError } from '../errors.ts'
import { within } from '../host/deadline.ts'
import type { MachineEvent } from '../lab/lab-event.ts'
import type { CableCapture, DrivenMachine } from './driver.ts'
import { setClockForward } from './guest/set-clock.ts'
import type { Machine } from './provider.ts'
import { isGone, type RunningMachines } from './running-machines.ts'
import type { Wiring } from './wiring.ts'

/** What a change of a machine works on. */
export interface MachineChanges {
  readonly machines: RunningMachines
  readonly wiring: Pick<Wiring<never>, 'setFrozen' | 'unwire'>
  readonly signal: AbortSignal
  /** Brings a machine that has ended back, with nothing of its former state. */
  startAnew(name: string): Promise<void>
  /** The captures that run at a machine's NICs. */
  capturesOf(name: string): readonly CableCapture[]
}

/** How long a machine may take to shut down in order. */
const shutDownMs = 90_000
const setClockMs = 30_000

type Entered = NonNullable<ReturnType<RunningMachines['all']['get']>>

/**
 * Lets a machine fail, or brings it back. @throws WirelabError with the code wrong-state when it is in none for that
 */
export async function changeMachine({ node, state }: MachineEvent, changes: MachineChanges): Promise<void> {
  const { machines, wiring } = changes
  const found = machines.all.get(node)
  if (!found) throw machineryError(`cannot find machine ${node}: the lab has none of that name`)
  const former = machines.notRunning.get(node)

  if (state === 'running') {
    if (former === undefined) throw stateError(`cannot start machine ${node}: it runs`)
    if (isGone(former)) return changes.startAnew(node)
    return goOn(node, found, changes)
  }
  // A frozen machine can crash, and nothing else.
  if (former !== undefined && (isGone(former) || state !== 'crashed'))
    throw stateError(`cannot let machine ${node} be ${state}: it is ${former}`)
  machines.notRunning.set(node, state)
  if (state === 'frozen') return standStill(node, found.driven, changes)
  if (state === 'stopped') await shutDown(found.machine, found.driven, changes.signal)
  found.driven.connection.close()
  await found.driven.end()
  await wiring.unwire(node, state === 'stopped')
}

/** When machines began to stand still, by the runner's monotonic clock. */
const stoodSinceMs = new WeakMap<DrivenMachine, number>()

async function standStill(node: string, driven: DrivenMachine, { wiring, capturesOf }: MachineChanges): Promise<void> {
  await wiring.setFrozen(node, true)
  await driven.pause()
  stoodSinceMs.set(driven, performance.now())
  for (const capture of capturesOf(node)) await capture.standStill()
}

async function goOn(node: string, { driven, machine }: Entered, changes: MachineChanges): Promise<void> {
  await driven.resume()
  const stoodMs = performance.now() - (stoodSinceMs.get(driven) ?? Number.NaN)
  for (const capture of changes.capturesOf(node)) await capture.goOn()
  await changes.wiring.setFrozen(node, false)
  changes.machines.notRunning.delete(node)
  await setClockForward(machine, stoodMs, { timeoutMs: setClockMs, signal: changes.signal })
}

async function shutDown(machine: Machine, { ended }: DrivenMachine, signal: AbortSignal): Promise<void> {
  // The connection ends with the machine, perhaps before the command does.
  machine.run(['systemctl', 'poweroff'], { timeoutMs: shutDownMs }).catch(() => {})
  await within(ended, shutDownMs, `cannot shut machine ${machine.name} down`, signal)
}
