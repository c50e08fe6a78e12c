import { machineryError } from '../errors.ts'
import type { Endpoint, LinkEvent } from '../lab/lab.ts'
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
  /** Plugs a machine's NICs in before it runs, as its cables are now. Returns their names. */
  wire(name: string, machine: M): Promise<readonly string[]>
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

/** The wiring of a plan's machines as it is before any of them runs. */
export function wiringOf<M extends object>(plan: Plan, operations: NicOperations<M>): Wiring<M> {
  const machines = new Map<string, M>()
  const poweredOff = new Set<string>()
  const cut = new Set<number>()
  const ends = plan.machines.flatMap(({ name, nics }) =>
    nics.map(
      (nic): End => ({
        machine: name,
        nic,
        plugged: nic.plugged,
        silent: undefined,
        carrier: undefined,
        endSilence: undefined,
        endFreeze: undefined,
      }),
    ),
  )
  const endsOf = (machine: string) => ends.filter((end) => end.machine === machine)
  const endAt = ({ node, nic }: Endpoint) => {
    const end = ends.find((each) => each.machine === node && each.nic.name === nic)
    if (!end) throw machineryError(`cannot find ${node}:${nic}: no cable ends there`)
    return end
  }
  const otherEnd = ({ nic }: End) => ends.find((each) => each.nic.cable === nic.cable && each.nic.end !== nic.end)

  const hasCarrier = (end: End) => {
    const other = otherEnd(end)
    return !cut.has(end.nic.cable) && other?.plugged === true && !poweredOff.has(other.machine)
  }
  /** Sets at the provider how the cable of an end is, at both ends. */
  const settle = async (end: End | undefined) => {
    for (const each of [end, end && otherEnd(end)]) {
      const machine = each && machines.get(each.machine)
      // Without a known carrier it is not in its machine yet, or not any more.
      if (!machine || each.carrier === undefined || each.carrier === hasCarrier(each)) continue
      each.carrier = hasCarrier(each)
      await operations.setCarrier(machine, each.nic, each.carrier)
    }
  }
  const silence = async (end: End, direction: End['silent']) => {
    end.silent = direction
    await end.endSilence?.()
    end.endSilence = undefined
    const machine = machines.get(end.machine)
    if (direction && machine && end.plugged) end.endSilence = await operations.silence(machine, end.nic, direction)
  }
  const plugIn = async (end: End, machine: M) => {
    await operations.plug(machine, end.nic)
    end.plugged = true
    end.carrier = true
    if (end.silent) end.endSilence = await operations.silence(machine, end.nic, end.silent)
  }
  const running = (name: string) => {
    const machine = machines.get(name)
    if (!machine) throw machineryError(`cannot change the NICs of ${name}: it does not run`)
    return machine
  }

  return {
    async wire(name, machine) {
      machines.set(name, machine)
      poweredOff.delete(name)
      const plugged = endsOf(name).filter((end) => end.plugged)
      for (const end of plugged) {
        await plugIn(end, machine)
        await settle(end)
      }
      return plugged.map(({ nic }) => nic.name)
    },
    async unwire(machine, powerOff) {
      machines.delete(machine)
      if (powerOff) poweredOff.add(machine)
      for (const end of endsOf(machine)) {
        end.carrier = undefined
        end.endSilence = undefined
        end.endFreeze = undefined
        await settle(end)
      }
    },
    async setFrozen(name, frozen) {
      const machine = running(name)
      for (const end of endsOf(name).filter(({ plugged }) => plugged)) {
        await end.endFreeze?.()
        end.endFreeze = frozen ? await operations.silence(machine, end.nic, 'both') : undefined
      }
    },
    async setLink({ endpoint, state, direction }) {
      const end = endAt(endpoint)
      const other = otherEnd(end)
      if (state === 'silent') return silence(end, direction)
      if (state === 'down') cut.add(end.nic.cable)
      else {
        cut.delete(end.nic.cable)
        for (const each of [end, other]) if (each?.silent) await silence(each, undefined)
      }
      await settle(end)
    },
    async plug(endpoint) {
      const end = endAt(endpoint)
      if (end.plugged) throw machineryError(`cannot plug ${endpoint.node}:${endpoint.nic} in: it is in already`)
      await plugIn(end, running(end.machine))
      await settle(end)
    },
    async unplug(endpoint) {
      const end = endAt(endpoint)
      const at = `${endpoint.node}:${endpoint.nic}`
      if (!end.plugged) throw machineryError(`cannot unplug ${at}: it is not in the machine`)
      await operations.unplug(running(end.machine), end.nic)
      end.plugged = false
      end.carrier = undefined
      end.endSilence = undefined
      await settle(end)
    },
  }
}
