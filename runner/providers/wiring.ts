import { machineryError, stateError } from '../errors.ts'
import type { Endpoint } from '../lab/lab.ts'
import type { LinkEvent } from '../lab/lab-event.ts'
import type { Plan, PlannedNic } from '../plan.ts'

/** How a provider works on the NICs of a machine that runs; `M` is what it knows the machine by. */
export interface NicOperations<M> {
  /** Joins a NIC to its cable; it has carrier then. */
  plug(machine: M, nic: PlannedNic): Promise<void>
  unplug(machine: M, nic: PlannedNic): Promise<void>
  setCarrier(machine: M, nic: PlannedNic, up: boolean): Promise<void>
  /** Lets frames vanish, seen from the NIC. Returns what ends it. */
  silence(machine: M, nic: PlannedNic, direction: 'in' | 'out' | 'both'): Promise<() => Promise<void>>
}

/** What is plugged into what, which cables are whole, and what machines must know of it. */
export interface Wiring<M> {
  /** The NICs that are to be in a machine when it starts. */
  plugged(name: string): readonly PlannedNic[]
  /**
   * Plugs a machine's NICs in before it runs, but for those that are `inside` it already, and sets all as their cables
   * are now. Returns their names.
   */
  wire(name: string, machine: M, inside?: readonly PlannedNic[]): Promise<readonly string[]>
  /** Notes that a machine is gone. Its neighbours keep their carrier, unless its power is off. */
  unwire(machine: string, powerOff: boolean): Promise<void>
  /** While a machine stands still, the frames to it are lost as they would be at a NIC that nobody empties. */
  setFrozen(name: string, frozen: boolean): Promise<void>
  setLink(event: LinkEvent): Promise<void>
  /** Plugs a NIC into a machine that runs. */
  plug(endpoint: Endpoint): Promise<void>
  /** Pulls it out. */
  unplug(endpoint: Endpoint): Promise<void>
}

interface End {
  readonly machine: string
  readonly nic: PlannedNic
  plugged: boolean
  silent: 'in' | 'out' | 'both' | undefined
  /** What was last set at the provider; empty when the machine is gone. */
  carrier: boolean | undefined
  endSilence: (() => Promise<void>) | undefined
  endFreeze: (() => Promise<void>) | undefined
}

type Ends = Pick<State<never>, 'ends'>
type Cables = Pick<State<never>, 'ends' | 'cut' | 'poweredOff'>

/** Everything that the wiring knows. */
interface State<M> {
  readonly operations: NicOperations<M>
  readonly ends: readonly End[]
  /** Those that run. */
  readonly machines: Map<string, M>
  readonly poweredOff: Set<string>
  /** The cables that are cut; of a hub's, each is one of its own. */
  readonly cut: Set<string>
}

/** The wiring of a plan's machines as it is before any of them runs. */
export function wiringOf<M extends object>(plan: Plan, operations: NicOperations<M>): Wiring<M> {
  const ends = plan.machines.flatMap(({ name, nics }) => nics.map((nic) => endOf(name, nic)))
  const state: State<M> = { operations, ends, machines: new Map(), poweredOff: new Set(), cut: new Set() }
  return {
    plugged: (name) => endsOf(state, name).flatMap(({ plugged, nic }) => (plugged ? nic : [])),
    wire: (name, machine, inside = []) => wire(state, name, machine, inside),
    unwire: (name, powerOff) => unwire(state, name, powerOff),
    setFrozen: (name, frozen) => setFrozen(state, name, frozen),
    setLink: (event) => setLink(state, event),
    async plug(endpoint) {
      const end = endAt(state, endpoint)
      if (end.plugged) throw stateError(`cannot plug ${endpoint.node}:${endpoint.nic} in: it is in already`)
      const machine = running(state, end.machine)
      await operations.plug(machine, end.nic)
      await enter(state, end, machine)
      await settle(state, end)
    },
    async unplug(endpoint) {
      const end = endAt(state, endpoint)
      const at = `${endpoint.node}:${endpoint.nic}`
      if (!end.plugged) throw stateError(`cannot unplug ${at}: it is not in the machine`)
      await operations.unplug(running(state, end.machine), end.nic)
      end.plugged = false
      forgetMachine(end)
      await settle(state, end)
    },
  }
}

const endOf = (machine: string, nic: PlannedNic): End => ({
  machine,
  nic,
  plugged: nic.plugged,
  silent: undefined,
  carrier: undefined,
  endSilence: undefined,
  endFreeze: undefined,
})

async function wire<M>(
  state: State<M>,
  name: string,
  machine: M,
  inside: readonly PlannedNic[],
): Promise<readonly string[]> {
  state.machines.set(name, machine)
  state.poweredOff.delete(name)
  const plugged = endsOf(state, name).filter((end) => end.plugged)
  for (const end of plugged) {
    if (!inside.includes(end.nic)) await state.operations.plug(machine, end.nic)
    await enter(state, end, machine)
    await settle(state, end)
  }
  return plugged.map(({ nic }) => nic.name)
}

async function unwire<M>(state: State<M>, name: string, powerOff: boolean): Promise<void> {
  state.machines.delete(name)
  if (powerOff) state.poweredOff.add(name)
  for (const end of endsOf(state, name)) {
    forgetMachine(end)
    await settle(state, end)
  }
}

async function setFrozen<M>(state: State<M>, name: string, frozen: boolean): Promise<void> {
  const machine = running(state, name)
  for (const end of endsOf(state, name).filter(({ plugged }) => plugged)) {
    await end.endFreeze?.()
    end.endFreeze = frozen ? await state.operations.silence(machine, end.nic, 'both') : undefined
  }
}

async function setLink<M>(state: State<M>, { endpoint, state: wanted, direction }: LinkEvent): Promise<void> {
  const end = endAt(state, endpoint)
  if (wanted === 'silent') return silence(state, end, direction)
  if (wanted === 'down') state.cut.add(cableOf(end))
  else {
    state.cut.delete(cableOf(end))
    for (const each of [end, otherEnd(state, end)]) if (each?.silent) await silence(state, each, undefined)
  }
  await settle(state, end)
}

/** Sets at the provider how the cable of an end is, at both ends. */
async function settle<M>(state: State<M>, end: End): Promise<void> {
  for (const each of [end, otherEnd(state, end)]) {
    const machine = each && state.machines.get(each.machine)
    // Without a known carrier it is not in its machine yet, or not any more.
    if (!machine || each.carrier === undefined || each.carrier === hasCarrier(state, each)) continue
    each.carrier = hasCarrier(state, each)
    await state.operations.setCarrier(machine, each.nic, each.carrier)
  }
}

async function silence<M>(state: State<M>, end: End, direction: End['silent']): Promise<void> {
  end.silent = direction
  await end.endSilence?.()
  end.endSilence = undefined
  const machine = state.machines.get(end.machine)
  if (direction && machine && end.plugged) end.endSilence = await state.operations.silence(machine, end.nic, direction)
}

/** Notes that a NIC is in a machine, with carrier as QEMU gives it. */
async function enter<M>({ operations }: State<M>, end: End, machine: M): Promise<void> {
  end.plugged = true
  end.carrier = true
  if (end.silent) end.endSilence = await operations.silence(machine, end.nic, end.silent)
}

/** What was set at an end went with its machine, or with its NIC. */
function forgetMachine(end: End): void {
  end.carrier = undefined
  end.endSilence = undefined
  end.endFreeze = undefined
}

const endsOf = ({ ends }: Ends, machine: string) => ends.filter((end) => end.machine === machine)

/** What is cut with this end. */
const cableOf = ({ nic: { cable, end, atHub } }: End) => (atHub ? `${cable} ${end}` : `${cable}`)

/** The NIC at the other end of a cable; undefined where that is a hub, which is always there. */
const otherEnd = ({ ends }: Ends, { nic }: End) =>
  nic.atHub ? undefined : ends.find((each) => each.nic.cable === nic.cable && each.nic.end !== nic.end)

function endAt({ ends }: Ends, { node, nic }: Endpoint): End {
  const end = ends.find((each) => each.machine === node && each.nic.name === nic)
  if (!end) throw machineryError(`cannot find ${node}:${nic}: no cable ends there`)
  return end
}

function hasCarrier(state: Cables, end: End): boolean {
  if (state.cut.has(cableOf(end))) return false
  if (end.nic.atHub) return true
  const other = otherEnd(state, end)
  return other?.plugged === true && !state.poweredOff.has(other.machine)
}

function running<M>({ machines }: State<M>, name: string): M {
  const machine = machines.get(name)
  if (!machine) throw stateError(`cannot change the NICs of ${name}: it does not run`)
  return machine
}
