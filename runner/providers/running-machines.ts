import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, stateError, usageError, WirelabError } from '../errors.ts'
import { renderDeath } from '../events.ts'
import type { DrivenMachine } from './driver.ts'
import type { Death, Machine, NotRunning } from './provider.ts'

/** The machines of a testbed that have started, by name. */
export interface RunningMachines {
  readonly all: Map<string, { readonly driven: DrivenMachine; readonly machine: Machine }>
  /** Those that were made to fail or stop since. */
  readonly notRunning: Map<string, NotRunning>
  /** How those ended that ended by themselves. */
  readonly deaths: Map<string, Death>
  /** All of them are being ended, or left to themselves. */
  ending: boolean
}

export const noMachines = (): RunningMachines => ({
  all: new Map(),
  notRunning: new Map(),
  deaths: new Map(),
  ending: false,
})

/** Whether a machine's end was asked for: it is to fail or stop, another took its place, or all are being ended. */
const isMeantToEnd = ({ all, notRunning, ending }: RunningMachines, name: string, driven: DrivenMachine) =>
  ending || isGone(notRunning.get(name)) || (all.has(name) && all.get(name)?.driven !== driven)

/** Whether a machine in this state has ended; a frozen one has not. */
export const isGone = (state: NotRunning | undefined): boolean => state === 'crashed' || state === 'stopped'

/** What the machines of a testbed have in common. */
export interface Surrounds {
  /** Hears of an end that nobody asked for. */
  onDeath(machine: string, death: Death): void
  /** Waits until cables are as a machine's commands left its NICs. */
  settled(): Promise<void>
}

/** Enters a machine that runs now. */
export function enterMachine(
  machines: RunningMachines,
  name: string,
  driven: DrivenMachine,
  { onDeath, settled }: Surrounds,
): void {
  machines.all.set(name, { driven, machine: usableMachine(machines, name, driven, settled) })
  machines.notRunning.delete(name)
  machines.deaths.delete(name)
  void driven.ended.then((reason) => {
    if (isMeantToEnd(machines, name, driven)) return
    const death = deathOf(driven, reason)
    machines.deaths.set(name, death)
    onDeath(name, death)
    // Nobody waits for its answers any more.
    driven.connection.close()
  })
}

function deathOf(driven: DrivenMachine, reason: string): Death {
  const panic = driven.panic?.()
  return panic === undefined
    ? { reason, panicked: false, consoleTail: driven.consoleTail() }
    : { reason: panic.cause, panicked: true, consoleTail: panic.lines }
}

function usableMachine(
  machines: RunningMachines,
  name: string,
  driven: DrivenMachine,
  settled: () => Promise<void>,
): Machine {
  const { connection } = driven
  const explained = async <T>(result: Promise<T>) => {
    const done = await explainByDeath(result, machines, name, driven)
    await settled()
    return done
  }
  return {
    name,
    start(argv, options) {
      const running = connection.start(argv, options)
      return { ...running, ended: explained(running.ended) }
    },
    run: (argv, options) => explained(connection.run(argv, options)),
    call: (name, words, timeoutMs) => explained(connection.call(name, words, timeoutMs)),
    interact: (argv = ['bash', '-l'], terminal = { input: process.stdin, output: process.stdout }) =>
      connection.interact(argv, terminal),
  }
}

/** How long after its connection broke a machine may take to end, until the connection is blamed. */
const endKnownMs = 3000

/** A connection breaks some time before its machine is known to have ended, and the end is what to report. */
async function explainByDeath<T>(
  result: Promise<T>,
  machines: RunningMachines,
  name: string,
  driven: DrivenMachine,
): Promise<T> {
  try {
    return await result
  } catch (error) {
    if (!(error instanceof WirelabError) || isMeantToEnd(machines, name, driven)) throw error
    const waiting = new AbortController()
    const silence = sleep(endKnownMs, undefined, { signal: waiting.signal }).catch(() => undefined)
    const reason = await Promise.race([driven.ended, silence])
    waiting.abort()
    if (reason === undefined || isMeantToEnd(machines, name, driven)) throw error
    const death = deathOf(driven, reason)
    const words = renderDeath({ machine: name, ...death })
    // The lines of a panic are told with it, and again by the case that nothing crashed.
    throw machineryError(death.panicked ? words : withConsole(words, death.consoleTail), undefined, error)
  }
}

/** A message with the last lines of a console, where there are any. */
export const withConsole = (message: string, tail: string): string =>
  tail === '' ? message : `${message}\nlast lines of its console:\n${tail}`

/**
 * A machine that can be used now.
 * @throws WirelabError of kind usage for a name that is none, with the code wrong-state when the machine does not run
 */
export function machineNamed({ all, notRunning }: RunningMachines, name: string): Machine {
  const found = all.get(name)
  if (!found) throw usageError(`cannot find machine ${name}: the lab has none of that name`)
  const state = notRunning.get(name)
  if (state !== undefined) throw stateError(`cannot use machine ${name}: it is ${state}`)
  return found.machine
}
