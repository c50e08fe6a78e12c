import { mkdirSync, rmSync } from 'node:fs'
import { stateError } from '../errors.ts'
import { fileName, pathInside } from '../host/file-names.ts'
import type { Plan } from '../plan.ts'
import type { CableCapture, DrivenMachine, SavedMachine } from './driver.ts'
import { setClockForward } from './guest/set-clock.ts'
import type { RunningMachines } from './running-machines.ts'
import type { SavedWiring, Wiring } from './wiring.ts'

/** All machines and cables of a testbed as they were at one moment. All but the folder can be written as JSON. */
export interface Snapshot {
  /** Holds a file for each machine. */
  readonly folder: string
  readonly machines: Readonly<Record<string, SavedMachine>>
  readonly wiring: SavedWiring
}

/** What a snapshot is taken of. */
export interface SnapshotParts {
  readonly plan: Plan
  readonly machines: RunningMachines
  readonly wiring: Pick<Wiring<never>, 'saved' | 'restore' | 'settled'>
  /** The captures that run at a machine's NICs. */
  capturesOf(name: string): readonly CableCapture[]
  readonly signal: AbortSignal
  /** Starts a machine, as it was where that is said. */
  start(name: string, snapshot: Snapshot): Promise<void>
}

const setClockMs = 30_000

/** The file of a machine in a snapshot's folder. */
export const stateFile = (folder: string, machine: string): string => pathInside(folder, `${fileName(machine)}.state`)

/**
 * Saves all machines in a new folder, and lets them go on. They stand still together meanwhile. Of their memory what
 * changed since they came up is written. When it is to be `whole`, all of it is, and other hosts can have the machines;
 * captures go on then, and are no part of it.
 * @throws WirelabError with the code wrong-state when they can't be brought back as they are; nothing is left then
 */
export async function takeSnapshot(parts: SnapshotParts, folder: string, whole: boolean): Promise<Snapshot> {
  const { machines, wiring } = parts
  const all = [...machines.all]
  const absent = all.find(([name]) => machines.notRunning.has(name) || machines.deaths.has(name))
  if (absent !== undefined) throw stateError(`cannot save the machines: ${absent[0]} does not run`)
  if (!whole) demandNoCaptures('save the machines', parts)
  await allOf(all.map(([name]) => wiring.settled(name)))
  if (whole) await allOf(all.map(async ([, { driven }]) => driven.admitOthers?.()))
  mkdirSync(folder, { mode: 0o700 })
  const stopped = new Map<string, number>()
  try {
    try {
      await allOf(
        all.map(async ([name, { driven }]) => {
          await driven.pause()
          stopped.set(name, performance.now())
          for (const capture of parts.capturesOf(name)) await capture.standStill()
        }),
      )
      const saving = all.map(async ([name, { driven }]) => [name, await save(name, driven, folder, whole)] as const)
      return { folder, machines: Object.fromEntries(await allOf(saving)), wiring: wiring.saved() }
    } finally {
      await allOf([...stopped].map(([name, sinceMs]) => goOn(name, sinceMs, parts)))
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * Ends all machines, and starts them as they were, with their cables. Frames that were on their way are lost.
 * @throws WirelabError of kind machinery; what did not come back is stopped then
 */
export async function restoreSnapshot(parts: SnapshotParts, snapshot: Snapshot): Promise<void> {
  const { machines, wiring, plan } = parts
  demandNoCaptures('bring the machines back', parts)
  for (const [name, { driven }] of machines.all) {
    machines.notRunning.set(name, 'stopped')
    driven.connection.close()
  }
  await allOf([...machines.all.values()].map(({ driven }) => driven.end()))
  wiring.restore(snapshot.wiring)
  await allOf(plan.machines.map(({ name }) => parts.start(name, snapshot)))
}

function demandNoCaptures(verb: string, { machines, capturesOf }: SnapshotParts): void {
  const captured = [...machines.all.keys()].find((name) => capturesOf(name).length > 0)
  if (captured !== undefined) throw stateError(`cannot ${verb}: frames are being captured at a NIC of ${captured}`)
}

async function save(name: string, driven: DrivenMachine, folder: string, whole: boolean): Promise<SavedMachine> {
  if (driven.save === undefined) throw stateError(`cannot save machine ${name}: its provider can't`)
  return driven.save(stateFile(folder, name), whole)
}

async function goOn(name: string, sinceMs: number, { machines, capturesOf, signal }: SnapshotParts): Promise<void> {
  const found = machines.all.get(name)
  await found?.driven.resume()
  const stoodMs = performance.now() - sinceMs
  for (const capture of capturesOf(name)) await capture.goOn()
  if (found) await setClockForward(found.driven.connection, stoodMs, { timeoutMs: setClockMs, signal })
}

/** Waits for the end of each. @throws what the first of those threw that failed */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(works)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
