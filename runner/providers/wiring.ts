import { machineryError, stateError } from '../errors.ts'
import type { Endpoint } from '../lab/lab.ts'
import type { LinkEvent } from '../lab/lab-event.ts'
import type { Plan, PlannedNic } from '../plan.ts'
import type { NicState } from '../transports/agent-protocol.ts'

/** How a provider works on the NICs of a machine that runs; `M` is what it knows the machine by. */
export interface NicOperations<M> {
  /** Joins a NIC to its cable; it has carrier then. */
  plug(machine: M, nic: PlannedNic): Promise<void>
  unplug(machine: M, nic: PlannedNic): Promise<void>
  setCarrier(machine: M, nic: PlannedNic, up: boolean): Promise<void>
  /** Lets frames vanish, seen from the NIC. Returns what ends it. */
  silence(machine: M, nic: PlannedNic, direction: Silence): Promise<() => Promise<void>>
  /** Opens or closes a hub's port to a NIC; a new hub's are open. Frames go neither in nor out at one that is closed. */
  setPort?(nic: PlannedNic, open: boolean): Promise<void>
}

/** What is plugged into what, which cables are whole, and what machines must know of it. */
export interface Wiring<M> {
  /**
   * Notes that a machine is about to start, and has set none of its NICs up, unless it goes on as it was: nobody sends
   * to it before it can take it. Returns the NICs that are to be in it.
   */
  begin(name: string, goesOn?: boolean): Promise<readonly PlannedNic[]>
  /**
   * Plugs a machine's NICs in before it runs, but for those that are `inside` it already, and sets all as their cables
   * are now. Returns their names.
   */
  wire(name: string, machine: M, inside?: readonly PlannedNic[], goesOn?: boolean): Promise<readonly string[]>
  /** Notes that a machine is gone. Its neighbours keep their carrier, unless its power is off. */
  unwire(machine: string, powerOff: boolean): Promise<void>
  /** While a machine stands still, the frames to it are lost as they would be at a NIC that nobody empties. */
  setFrozen(name: string, frozen: boolean): Promise<void>
  setLink(event: LinkEvent): Promise<void>
  /** Plugs a NIC into a machine that runs. */
  plug(endpoint: Endpoint): Promise<void>
  /** Pulls it out. */
  unplug(endpoint: Endpoint): Promise<void>
  /** Notes that a machine set one of its NICs up or took it down. The other end's carrier follows. */
  follow(name: string, nic: NicState): void
  /** Waits until all carriers are as was noted by now. @throws what keeps those of this machine from it */
  settled(name: string): Promise<void>
  /** Gives all cables that are whole carrier, whatever machines do to their NICs: nobody hears of that any more. */
  release(): Promise<void>
  /** How all of it is, while all machines run; can be written as JSON. */
  saved(): SavedWiring
  /** Takes all of it for as it was, before its machines run. */
  restore(saved: SavedWiring): void
}

/** NICs and cables as they were at one moment. */
export interface SavedWiring {
  readonly ends: readonly (Pick<End, 'machine' | 'plugged' | 'up'> & {
    /** Its name. */
    readonly nic: string
    readonly silent?: Silence
  })[]
  /** The cables that were cut, as the wiring calls them. */
  readonly cut: readonly string[]
}

type Silence = 'in' | 'out' | 'both'

interface End {
  readonly machine: string
  readonly nic: PlannedNic
  plugged: boolean
  /** Its machine has set it up. */
  up: boolean
  /** A change of `up` waits to be followed. More of them meanwhile add nothing to what waits. */
  isToFollow: boolean
  silent: Silence | undefined
  /** What was last set at the provider; empty when the machine is gone. */
  carrier: boolean | undefined
  /** Whether the hub's port to it is open, where its cable ends at one. */
  isPortOpen: boolean
  /** Why it could not be set as its neighbour is. */
  fault: unknown
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
  /** What is being set at the ends of each cable, of which a hub's is one of its own. */
  readonly settling: Map<string, Promise<void>>
}

/** The wiring of a plan's machines as it is before any of them runs. */
export function wiringOf<M extends object>(plan: Plan, operations: NicOperations<M>): Wiring<M> {
  const ends = plan.machines.flatMap(({ name, nics }) => nics.map((nic) => endOf(name, nic)))
  const state: State<M> = {
    ...{ operations, ends, machines: new Map() },
    ...{ poweredOff: new Set(), cut: new Set(), settling: new Map() },
  }
  return {
    begin: (name, goesOn = false) => begin(state, name, goesOn),
    wire: (name, machine, inside = [], goesOn = false) => wire(state, name, machine, { inside, goesOn }),
    unwire: (name, powerOff) => unwire(state, name, powerOff),
    setFrozen: (name, frozen) => setFrozen(state, name, frozen),
    setLink: (event) => setLink(state, event),
    async plug(endpoint) {
      const end = endAt(state, endpoint)
      if (end.plugged) throw stateError(`cannot plug ${endpoint.node}:${endpoint.nic} in: it is in already`)
      const machine = running(state, end.machine)
      await operations.plug(machine, end.nic)
      await enter(state, end, machine)
      await settleOwn(state, end)
    },
    async unplug(endpoint) {
      const end = endAt(state, endpoint)
      const at = `${endpoint.node}:${endpoint.nic}`
      if (!end.plugged) throw stateError(`cannot unplug ${at}: it is not in the machine`)
      await operations.unplug(running(state, end.machine), end.nic)
      end.plugged = false
      end.up = false
      forgetMachine(end)
      await settle(state, end)
    },
    follow: (name, nic) => follow(state, name, nic),
    async settled(name) {
      await Promise.all(state.settling.values())
      const faulty = endsOf(state, name).find(({ fault }) => fault !== undefined)
      if (faulty) throw faulty.fault
    },
    async release() {
      for (const end of ends) end.up = true
      await Promise.all(ends.map((end) => settle(state, end)))
    },
    saved: () => saved(state),
    restore: (wanted) => restore(state, wanted),
  }
}

const saved = ({ ends, cut }: Pick<State<never>, 'ends' | 'cut'>): SavedWiring => ({
  ends: ends.map(({ machine, nic, plugged, up, silent }) => ({
    ...{ machine, nic: nic.name, plugged, up },
    ...(silent === undefined ? {} : { silent }),
  })),
  cut: [...cut],
})

function restore<M>({ ends, cut, machines, poweredOff }: State<M>, wanted: SavedWiring): void {
  machines.clear()
  poweredOff.clear()
  cut.clear()
  for (const cable of wanted.cut) cut.add(cable)
  for (const end of ends) {
    const was = wanted.ends.find(({ machine, nic }) => machine === end.machine && nic === end.nic.name)
    forgetMachine(end)
    end.plugged = was?.plugged ?? false
    end.up = was?.up ?? false
    end.silent = was?.silent
  }
}

const endOf = (machine: string, nic: PlannedNic): End => ({
  machine,
  nic,
  plugged: nic.plugged,
  up: false,
  isToFollow: false,
  silent: undefined,
  carrier: undefined,
  isPortOpen: true,
  fault: undefined,
  endSilence: undefined,
  endFreeze: undefined,
})

async function begin<M>(state: State<M>, name: string, goesOn: boolean): Promise<readonly PlannedNic[]> {
  const plugged: PlannedNic[] = []
  for (const end of endsOf(state, name)) {
    if (!goesOn) end.up = false
    await settle(state, end)
    if (end.plugged) plugged.push(end.nic)
  }
  return plugged
}

async function wire<M>(
  state: State<M>,
  name: string,
  machine: M,
  { inside, goesOn }: { readonly inside: readonly PlannedNic[]; readonly goesOn: boolean },
): Promise<readonly string[]> {
  state.machines.set(name, machine)
  state.poweredOff.delete(name)
  const plugged = endsOf(state, name).filter((end) => end.plugged)
  for (const end of plugged) {
    if (!inside.includes(end.nic)) await state.operations.plug(machine, end.nic)
    await enter(state, end, machine)
    // Nobody knows what carrier it had: it is set, whatever that was.
    if (goesOn) end.carrier = !hasCarrier(state, end)
    await settleOwn(state, end)
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
  await settleOwn(state, end)
  const other = otherEnd(state, end)
  if (other) await settleOwn(state, other)
}

function follow<M>(state: State<M>, name: string, { mac, up }: NicState): void {
  const end = endsOf(state, name).find(({ nic }) => nic.mac === mac)
  if (!end) return
  end.up = up
  if (end.isToFollow) return
  end.isToFollow = true
  void settle(state, end, () => {
    end.isToFollow = false
  })
}

/** As `settle`. @throws what keeps the end from its carrier */
async function settleOwn<M>(state: State<M>, end: End): Promise<void> {
  await settle(state, end)
  if (end.fault !== undefined) throw end.fault
}

/** Sets at the provider how the cable of an end is, at both ends, after what is being set there. Does not throw. */
function settle<M>(state: State<M>, end: End, begin = () => {}): Promise<void> {
  const cable = cableOf(end)
  const settling = (state.settling.get(cable) ?? Promise.resolve()).then(async () => {
    begin()
    await setPort(state, end)
    await setCarriers(state, [end, otherEnd(state, end)])
  })
  state.settling.set(cable, settling)
  return settling
}

/**
 * What comes to a NIC that is not set up would wait there until it is. At a hub others may send to it: as a switch's, the
 * hub's port to it is closed then. Where two machines share a cable the neighbour has no carrier.
 */
async function setPort<M>({ operations }: State<M>, end: End): Promise<void> {
  const { nic, up } = end
  if (!nic.atHub || end.isPortOpen === up) return
  try {
    await operations.setPort?.(nic, up)
    end.isPortOpen = up
  } catch (error) {
    end.fault = error
  }
}

async function setCarriers<M>(state: State<M>, ends: readonly (End | undefined)[]): Promise<void> {
  for (const each of ends) {
    const machine = each && state.machines.get(each.machine)
    // Without a known carrier it is not in its machine yet, or not any more.
    if (!machine || each.carrier === undefined || each.carrier === hasCarrier(state, each)) continue
    each.carrier = hasCarrier(state, each)
    // Its machine may be about to end, and others have no part in that: it is told when that is used.
    await state.operations.setCarrier(machine, each.nic, each.carrier).catch((error: unknown) => {
      each.fault = error
    })
  }
}

async function silence<M>(state: State<M>, end: End, direction: End['silent']): Promise<void> {
  end.silent = direction
  await end.endSilence?.()
  end.endSilence = undefined
  const machine = state.machines.get(end.machine)
  if (direction && machine && end.plugged) end.endSilence = await state.operations.silence(machine, end.nic, direction)
}

/** Notes that a NIC is in a machine, with carrier as QEMU gives it, and not set up. */
async function enter<M>({ operations }: State<M>, end: End, machine: M): Promise<void> {
  end.plugged = true
  end.carrier = true
  end.fault = undefined
  if (end.silent) end.endSilence = await operations.silence(machine, end.nic, end.silent)
}

/** What was set at an end went with its machine, or with its NIC. */
function forgetMachine(end: End): void {
  end.carrier = undefined
  end.fault = undefined
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
  return other?.plugged === true && other.up && !state.poweredOff.has(other.machine)
}

function running<M>({ machines }: State<M>, name: string): M {
  const machine = machines.get(name)
  if (!machine) throw stateError(`cannot change the NICs of ${name}: it does not run`)
  return machine
}
