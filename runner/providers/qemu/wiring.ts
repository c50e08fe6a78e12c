import { machineryError } from '../../errors.ts'
import type { Endpoint, LinkEvent } from '../../lab/lab.ts'
import type { Plan, PlannedNic } from '../../plan.ts'
import { plugNic, setCarrier, silenceNic, unplugNic } from './cables.ts'
import type { Qmp } from './qmp.ts'

/** What is plugged into what, which cables are whole, and what machines must know of it. */
export interface Wiring {
  /** Plugs a machine's NICs in before it runs, as its cables are now. Gives their names. */
  wire(machine: string, qmp: Qmp): Promise<readonly string[]>
  /** Notes that a machine is gone. Its neighbours keep their carrier, unless its power is off. */
  unwire(machine: string, powerOff: boolean): Promise<void>
  /** While a machine stands still, the frames to it are lost as they would be at a NIC that nobody empties. */
  setFrozen(machine: string, frozen: boolean): Promise<void>
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
  /** What QEMU was told; empty when the machine is gone. */
  carrier: boolean | undefined
  endSilence: (() => Promise<void>) | undefined
  endFreeze: (() => Promise<void>) | undefined
}

/** The wiring of a plan's machines as it is before any of them runs. */
export function wiringOf(plan: Plan, runtimeFolder: string): Wiring {
  const machines = new Map<string, Qmp>()
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
  /** Tells QEMU how the cable of an end is, at both ends. */
  const settle = async (end: End | undefined) => {
    for (const each of [end, end && otherEnd(end)]) {
      const qmp = each && machines.get(each.machine)
      // Without a known carrier it is not in its machine yet, or not any more.
      if (!qmp || each.carrier === undefined || each.carrier === hasCarrier(each)) continue
      each.carrier = hasCarrier(each)
      await setCarrier(qmp, each.nic, each.carrier)
    }
  }
  const silence = async (end: End, direction: End['silent']) => {
    end.silent = direction
    await end.endSilence?.()
    end.endSilence = undefined
    const qmp = machines.get(end.machine)
    if (direction && qmp && end.plugged) end.endSilence = await silenceNic(qmp, end.nic, direction)
  }
  const plugIn = async (end: End, qmp: Qmp) => {
    await plugNic(qmp, end.nic, runtimeFolder)
    end.plugged = true
    end.carrier = true
    if (end.silent) end.endSilence = await silenceNic(qmp, end.nic, end.silent)
  }
  const running = (machine: string) => {
    const qmp = machines.get(machine)
    if (!qmp) throw machineryError(`cannot change the NICs of ${machine}: it does not run`)
    return qmp
  }

  return {
    async wire(machine, qmp) {
      machines.set(machine, qmp)
      poweredOff.delete(machine)
      const plugged = endsOf(machine).filter((end) => end.plugged)
      for (const end of plugged) {
        await plugIn(end, qmp)
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
    async setFrozen(machine, frozen) {
      const qmp = running(machine)
      for (const end of endsOf(machine).filter(({ plugged }) => plugged)) {
        await end.endFreeze?.()
        end.endFreeze = frozen ? await silenceNic(qmp, end.nic, 'both') : undefined
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
      await unplugNic(running(end.machine), end.nic)
      end.plugged = false
      end.carrier = undefined
      end.endSilence = undefined
      await settle(end)
    },
  }
}
