import { machineryError, usageError } from '../errors.ts'
import { within } from '../host/deadline.ts'
import type { MachineEvent } from '../lab/lab.ts'
import type { Plan, PlannedMachine } from '../plan.ts'
import type { Machine } from './provider.ts'
import type { Wiring } from './wiring.ts'

/** A machine that can fail. */
export interface ChangeableMachine extends Machine {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>
  /** Ends it at once; it is not a death. */
  end(): Promise<void>
  /** Lets it stand still. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/** What a change of a machine works on. */
export interface MachineChanges {
  readonly plan: Plan
  readonly wiring: Pick<Wiring<never>, 'setFrozen' | 'unwire'>
  readonly machines: ReadonlyMap<string, ChangeableMachine>
  /** How machines are that do not run, by name. */
  readonly downs: Map<string, string>
  readonly signal: AbortSignal
  /** Brings a machine that is gone back, with nothing of its former state. */
  startAnew(planned: PlannedMachine): Promise<void>
}

/**
 * A machine that can be used now.
 * @throws WirelabError of kind usage for a name that is none, of kind machinery when the machine does not run
 */
export function machineNamed<M>(
  name: string,
  { machines, downs }: { readonly machines: ReadonlyMap<string, M>; readonly downs: ReadonlyMap<string, string> },
): M {
  const machine = machines.get(name)
  if (!machine) throw usageError(`cannot find machine ${name}: the lab has none of that name`)
  const down = downs.get(name)
  if (down !== undefined) throw machineryError(`cannot use machine ${name}: it is ${down}`)
  return machine
}

/** How long a machine may take to shut down in order. */
const shutDownMs = 90_000

/** Lets a machine fail, or brings it back. @throws WirelabError of kind machinery when it is in no state for that */
export async function changeMachine({ node, state }: MachineEvent, changes: MachineChanges): Promise<void> {
  const { plan, wiring, machines, downs, signal } = changes
  const machine = machines.get(node)
  const planned = plan.machines.find(({ name }) => name === node)
  if (!machine || !planned) throw machineryError(`cannot find machine ${node}: the lab has none of that name`)
  const down = downs.get(node)
  const isGone = down === 'crashed' || down === 'stopped'

  if (state === 'running') {
    if (down === undefined) throw machineryError(`cannot start machine ${node}: it runs`)
    if (isGone) return changes.startAnew(planned)
    await machine.resume()
    await wiring.setFrozen(node, false)
    downs.delete(node)
    return
  }
  if (isGone) throw machineryError(`cannot let machine ${node} be ${state}: it is ${down}`)
  if (state === 'crashed') {
    downs.set(node, state)
    await machine.end()
    return wiring.unwire(node, false)
  }
  if (down !== undefined) throw machineryError(`cannot let machine ${node} be ${state}: it is ${down}`)
  downs.set(node, state)
  if (state === 'frozen') {
    await wiring.setFrozen(node, true)
    await machine.pause()
    return
  }
  // The connection ends with the machine, perhaps before the command does.
  machine.run(['systemctl', 'poweroff'], { timeoutMs: shutDownMs }).catch(() => {})
  await within(machine.ended, shutDownMs, `cannot shut machine ${node} down`, signal)
  await machine.end()
  await wiring.unwire(node, true)
}
