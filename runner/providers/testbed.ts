import { machineryError } from '../errors.ts'
import { forgetFailure } from '../host/forget-failure.ts'
import type { LabEvent } from '../lab/lab-event.ts'
import type { Plan, PlannedMachine, PlannedNic } from '../plan.ts'
import { changeMachine } from './change-machine.ts'
import type { CableCapture, Driver } from './driver.ts'
import type { Abilities, Ability, ScopeOptions, Testbed } from './provider.ts'
import { watchProcessorWaits } from './qmp/processor-waits.ts'
import { enterMachine, machineNamed, noMachines, type RunningMachines } from './running-machines.ts'
import { type Wiring, wiringOf } from './wiring.ts'

/** A testbed in the making. */
interface Making<N extends object> {
  readonly plan: Plan
  readonly driver: Driver<N>
  readonly machines: RunningMachines
  readonly wiring: Wiring<N>
  readonly options: ScopeOptions
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
  const making = { plan, driver, machines: noMachines(), wiring: wiringOf(plan, driver.cables), options }
  const tearDown = forgetFailure(() => endAll(making))
  try {
    await startAll(making)
    const noCaptures = reasonOf(can.capture) ?? (await driver.whyNoCaptures?.())
    return testbedOf(making, { tearDown, noCaptures, noPlugging: reasonOf(can.plugNics) })
  } catch (error) {
    // What broke the bring-up says more than what its end may break.
    await tearDown().catch(() => {})
    throw error
  }
}

const reasonOf = (ability: Ability) => (ability === 'yes' ? undefined : ability.no)

async function startAll<N extends object>(making: Making<N>): Promise<void> {
  const { plan, driver, options } = making
  const startedMs = performance.now()
  await driver.begin?.()
  // Where one does not come up, nobody waits for the others.
  const failure = new AbortController()
  const signal = AbortSignal.any([options.signal, failure.signal])
  await Promise.all(
    plan.machines.map(async (planned) => {
      try {
        await startOne(making, planned, signal)
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
): Promise<void> {
  const driven = await driver.start(planned, (machine) => wiring.wire(planned.name, machine), signal)
  enterMachine(machines, planned.name, driven, options.onDeath)
}

async function endAll<N extends object>({ machines, driver }: Making<N>): Promise<void> {
  machines.ending = true
  for (const { driven } of machines.all.values()) driven.connection.close()
  await driver.remove()
}

interface Limits {
  tearDown(): Promise<void>
  readonly noCaptures: string | undefined
  readonly noPlugging: string | undefined
}

function testbedOf<N extends object>(making: Making<N>, { tearDown, noCaptures, noPlugging }: Limits): Testbed {
  const { plan, driver, machines, wiring, options } = making
  const captures = new Map<CableCapture, string>()
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
      }
    },
    unsupported,
    watchProcessorWaits: () => watchProcessorWaits(() => driver.pids()),
    setLink: (event) => wiring.setLink(event),
    setMachine: (event) => changeMachine(event, { machines, wiring, signal: options.signal, startAnew, capturesOf }),
    async setNic(event) {
      const { endpoint, state } = event
      const machine = machineNamed(machines, endpoint.node)
      const reason = unsupported(event)
      if (reason !== undefined) throw machineryError(`cannot change ${endpoint.node}:${endpoint.nic}: ${reason}`)
      const change = () => (state === 'plugged' ? wiring.plug(endpoint) : wiring.unplug(endpoint))
      await (driver.changeNic ? driver.changeNic(event, machine, change) : change())
    },
    tearDown,
    detach() {
      machines.ending = true
      for (const { driven } of machines.all.values()) driven.connection.close()
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
  if (!nic) throw machineryError(`cannot capture at ${machine}:${name}: it is no end of a cable`)
  return nic
}
