import { machineryError } from '../errors.ts'
import { within } from '../host/deadline.ts'
import type { MachineEvent } from '../lab/lab-event.ts'
import type { DrivenMachine } from './driver.ts'
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
}

/** How long a machine may take to shut down in order. */
const shutDownMs = 90_000

/** Lets a machine fail, or brings it back. @throws WirelabError of kind machinery when it is in no state for that */
export async function changeMachine({ node, state }: MachineEvent, changes: MachineChanges): Promise<void> {
  const { machines, wiring } = changes
  const found = machines.all.get(node)
  if (!found) throw machineryError(`cannot find machine ${node}: the lab has none of that name`)
  const former = machines.notRunning.get(node)

  if (state === 'running') {
    if (former === undefined) throw machineryError(`cannot start machine ${node}: it runs`)
    if (isGone(former)) return changes.startAnew(node)
    await found.driven.resume()
    await wiring.setFrozen(node, false)
    machines.notRunning.delete(node)
    return
  }
  // A frozen machine can crash, and nothing else.
  if (former !== undefined && (isGone(former) || state !== 'crashed'))
    throw machineryError(`cannot let machine ${node} be ${state}: it is ${former}`)
  machines.notRunning.set(node, state)
  if (state === 'frozen') {
    await wiring.setFrozen(node, true)
    await found.driven.pause()
    return
  }
  if (state === 'stopped') await shutDown(found.machine, found.driven, changes.signal)
  found.driven.connection.close()
  await found.driven.end()
  await wiring.unwire(node, state === 'stopped')
}

async function shutDown(machine: Machine, { ended }: DrivenMachine, signal: AbortSignal): Promise<void> {
  // The connection ends with the machine, perhaps before the command does.
  machine.run(['systemctl', 'poweroff'], { timeoutMs: shutDownMs }).catch(() => {})
  await within(ended, shutDownMs, `cannot shut machine ${machine.name} down`, signal)
}
