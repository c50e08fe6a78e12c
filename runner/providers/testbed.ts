import { machineryError } from '../errors.ts'
import { within } from '../host/deadline.ts'
import { forgetFailure } from '../host/forget-failure.ts'
import type { LabEvent } from '../lab/lab-event.ts'
import type { Plan, PlannedMachine, PlannedNic } from '../plan.ts'
import { changeMachine } from './change-machine.ts'
import type { CableCapture, Driver, StartNics } from './driver.ts'
import type { Abilities, Ability, ScopeOptions, Testbed } from './provider.ts'
import { watchProcessorWaits } from './qmp/processor-waits.ts'
import { enterMachine, machineNamed, noMachines, type RunningMachines } from './running-machines.ts'
import { restoreSnapshot, type Snapshot, type SnapshotParts, stateFile, takeSnapshot } from './snapshot.ts'
import { type Wiring, wiringOf } from './wiring.ts'

/** A testbed in the making. */
interface Making<N extends object> {
  readonly plan: Plan
  readonly driver: Driver<N>
  readonly machines: RunningMachines
  readonly wiring: Wiring<N>
  readonly options: ScopeOptions
  /** What is being changed now. */
  readonly changes: Set<Promise<unknown>>
  /** Aborted when all of it ends. */
  readonly ending: AbortController
}

/**
 * Brings up the machines of a plan by a provider's driver, and keeps account of them: which run, how they are wired,
 * which died. When one does not come up, all are gone again before its error is thrown.
 */
export async function bringUpTestbed<N extends object>(
  plan: Plan,
  driver: Driver<N>,
  can: Abilities,
  options: ScopeOptions,
): Promise<Testbed> {
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const making = {
    ...{ plan, driver, machines: noMachines(), wiring: wiringOf(plan, driver.cables) },
    ...{ options: { ...options, signal }, changes: new Set<Promise<unknown>>(), ending },
  }
  const tearDown = forgetFailure(() => endAll(making))
  try {
    await startAll(making)
    const noCaptures = reasonOf(can.capture) ?? (await driver.whyNoCaptures?.())
    const [noPlugging, noSnapshots] = [reasonOf(can.plugNics), reasonOf(can.snapshots)]
    return testbedOf(making, { tearDown, noCaptures, noPlugging, noSnapshots })
  } catch (error) {
    // What broke the bring-up says more than what its end may break.
    await tearDown().catch(() => {})
    throw error
  }
}

const reasonOf = (ability: Ability) => (ability === 'yes' ? undefined : ability.no)

async function startAll<N extends object>(making: Making<N>): Promise<void> {
  const { plan, driver, wiring, options } = making
  const startedMs = performance.now()
  await driver.begin?.()
  // Where one does not come up, nobody waits for the others.
  const failure = new AbortController()
  const signal = AbortSignal.any([options.signal, failure.signal])
  if (options.snapshot) wiring.restore(options.snapshot.wiring)
  await Promise.all(
    plan.machines.map(async (planned) => {
      try {
        await startOne(making, planned, signal, options.snapshot)
        options.onReady(planned.name, performance.now() - startedMs)
      } catch (error) {
        failure.abort(error)
      }
    }),
  )
  failure.signal.throwIfAborted()
  driver.allStarted?.()
}

async function startOne<N extends object>(
  { driver, machines, wiring, options }: Making<N>,
  planned: PlannedMachine,
  signal: AbortSignal,
  snapshot?: Snapshot,
): Promise<void> {
  const { name } = planned
  const facts = snapshot?.machines[name]?.facts
  const nics: StartNics<N> = {
    plugged: await wiring.begin(name, snapshot !== undefined),
    wire: (machine, inside) => wiring.wire(name, machine, inside, snapshot !== undefined),
    onNic: (nic) => wiring.follow(name, nic),
  }
  const saved = snapshot && { file: stateFile(snapshot.folder, name), facts }
  const driven = await driver.start(planned, nics, signal, saved)
  // What came up too late is in nobody's account.
  if (signal.aborted) await driven.end()
  signal.throwIfAborted()
  enterMachine(machines, name, driven, { onDeath: options.onDeath, settled: () => wiring.settled(name) })
}

/** How long a change may go on when its machine has ended. */
const changesEndMs = 30_000

async function endAll<N extends object>({ machines, driver, changes, ending }: Making<N>): Promise<void> {
  machines.ending = true
  ending.abort(new Error('the machines are being ended'))
  for (const { driven } of machines.all.values()) driven.connection.close()
  // A change that still goes on has no machine any more then, and ends.
  await driver.remove()
  await within(Promise.allSettled(changes), changesEndMs, 'cannot end what was being changed')
}

/** Does a change, which the end of all machines waits for. */
async function change<N extends object, T>({ changes }: Making<N>, work: () => Promise<T>): Promise<T> {
  const going = work()
  changes.add(going)
  try {
    return await going
  } finally {
    changes.delete(going)
  }
}

interface Limits {
  tearDown(): Promise<void>
  readonly noCaptures: string | undefined
  readonly noPlugging: string | undefined
  readonly noSnapshots: string | undefined
}

function testbedOf<N extends object>(
  making: Making<N>,
  { tearDown, noCaptures, noPlugging, noSnapshots }: Limits,
): Testbed {
  const { plan, driver, machines, wiring, options } = making
  const captures = new Map<CableCapture, string>()
  const parts = (): SnapshotParts => ({
    ...{ plan, machines, wiring, signal: options.signal, capturesOf },
    start: (name, snapshot) => startOne(making, machineIn(plan, name), options.signal, snapshot),
  })
  const capturesOf = (name: string) => [...captures].flatMap(([capture, machine]) => (machine === name ? capture : []))
  const unsupported = ({ kind }: LabEvent) => (kind === 'nic' ? noPlugging : undefined)
  const startAnew = async (name: string) => {
    await startOne(making, machineIn(plan, name), options.signal)
    driver.allStarted?.()
  }
  return {
    machine: (name) => machineNamed(machines, name),
    absence: (name) => machines.notRunning.get(name) ?? machines.deaths.get(name),
    ...(noCaptures === undefined ? {} : { noCaptures }),
    macOf: ({ node, nic }) => nicAt(plan, node, nic).mac,
    async captureCable(endpoint, file) {
      const [name = '', nicName = ''] = endpoint.split(':')
      machineNamed(machines, name)
      const capture = await driver.capture(name, nicAt(plan, name, nicName), file)
      captures.set(capture, name)
      return {
        settle: () => capture.settle(),
        end() {
          captures.delete(capture)
          return capture.end()
        },
        isCut: () => capture.isCut(),
      }
    },
    unsupported,
    watchProcessorWaits: () => watchProcessorWaits(() => driver.pids()),
    setLink: (event) => change(making, () => wiring.setLink(event)),
    setMachine: (event) =>
      change(making, () => changeMachine(event, { machines, wiring, signal: options.signal, startAnew, capturesOf })),
    setNic: (event) =>
      change(making, async () => {
        const { endpoint, state } = event
        const machine = machineNamed(machines, endpoint.node)
        const reason = unsupported(event)
        if (reason !== undefined) throw machineryError(`cannot change ${endpoint.node}:${endpoint.nic}: ${reason}`)
        const plug = () => (state === 'plugged' ? wiring.plug(endpoint) : wiring.unplug(endpoint))
        await (driver.changeNic ? driver.changeNic(event, machine, plug) : plug())
      }),
    ...(noSnapshots === undefined ? {} : { noSnapshots }),
    takeSnapshot: (folder, { whole = false } = {}) => change(making, () => takeSnapshot(parts(), folder, whole)),
    restoreSnapshot: (snapshot) => change(making, () => restoreSnapshot(parts(), snapshot)),
    tearDown,
    async detach() {
      machines.ending = true
      for (const { driven } of machines.all.values()) driven.connection.close()
      await wiring.release()
      driver.detach()
    },
  }
}

function machineIn({ machines }: Plan, name: string): PlannedMachine {
  const planned = machines.find((machine) => machine.name === name)
  if (!planned) throw machineryError(`cannot find machine ${name}: the lab has none of that name`)
  return planned
}

function nicAt(plan: Plan, machine: string, name: string): PlannedNic {
  const nic = machineIn(plan, machine).nics.find((each) => each.name === name)
  if (!nic) throw machineryError(`cannot find ${machine}:${name}: it is no end of a cable`)
  return nic
}
