import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { machineryError } from '../../errors.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import { renderEndpoint } from '../../lab/text/endpoint.ts'
import type { Plan } from '../../plan.ts'
import type { Driver } from '../driver.ts'
import type { ProcessorWait, Provider, ScopeOptions, Testbed } from '../provider.ts'
import { bringUpTestbed } from '../testbed.ts'
import { type FakeAnswer, type FakeMachine, startFakeMachine } from './fake-machine.ts'

export type { FakeAnswer } from './fake-machine.ts'

/** How the machines of a fake provider behave. */
export interface FakeScript {
  /** The answer of a machine to a command, its arguments joined by spaces. Asked anew each time. */
  answer?(machine: string, command: string): FakeAnswer | undefined
  /** What a machine prints when it is asked what crashed; without anything nothing has. */
  crashes?(machine: string): FakeAnswer | undefined
  /** As FakeAnswers.save. */
  save?(machine: string): string
  /** Called with what was saved of a machine that comes back. @throws what keeps it from that */
  restore?(machine: string, saved: string): void
  unsupported?(event: LabEvent): string | undefined
  readonly noCaptures?: string
  /** When machines waited for a processor of the host, while anybody watched. */
  waits?(): readonly ProcessorWait[]
  /** How long machines have waited for a processor until now, in milliseconds. */
  readonly stalledMs?: () => number
  /** What it waits for before it does something: `start a`, `carrier a:eth1`, `port 0-1` (of a hub, `cable-end`). */
  before?(what: string): Promise<void> | undefined
  /** Why the machines cannot be brought up. */
  readonly refuses?: string
  /** Why the machines cannot be ended. */
  readonly lingers?: string
}

/** A NIC as the hardware would know it. */
export interface FakeNic {
  carrier: boolean
  /** Which frames vanish, seen from the NIC; once for each reason that they have. */
  readonly silences: ('in' | 'out' | 'both')[]
}

/** A provider for tests: machines that are made of nothing but a script, and cables of nothing but their states. */
export interface FakeProvider extends Provider {
  /** What was asked of it, in order. */
  readonly calls: readonly string[]
  bringUp(plan: Plan, options: ScopeOptions): Promise<FakeTestbed>
}

export interface FakeTestbed extends Testbed {
  /** The NICs that are in machines now, as `node:interface`. */
  readonly nics: ReadonlyMap<string, FakeNic>
  /** The ends of hubs to which nothing is sent, as `cable-end`. */
  readonly closedPorts: ReadonlySet<string>
}

/** The header of a pcap file without a frame (pcap-savefile(5)): version 2.4, Ethernet. */
const emptyPcap = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')

/** A provider whose machines do what a script says. */
export function fakeProvider(script: FakeScript = {}): FakeProvider {
  const calls: string[] = []
  const can = {
    keep: 'yes',
    plugNics: 'yes',
    images: 'yes',
    snapshots: 'yes',
    capture: script.noCaptures === undefined ? 'yes' : { no: script.noCaptures },
  } as const
  return {
    ...{ name: 'fake', can, calls, needs: [] },
    describe: async () => ({ accelerator: 'tcg', qemu: 'none' }),
    listKept: async () => [],
    async bringUp(plan, options) {
      if (script.refuses !== undefined) throw machineryError(script.refuses)
      const nics = new Map<string, FakeNic>()
      const closedPorts = new Set<string>()
      const testbed = await bringUpTestbed(plan, fakeDriver(script, calls, nics, closedPorts), can, options)
      calls.push(`up ${plan.machines.map(({ name }) => name).join(' ')}`)
      return { ...recordCalls(testbed, script, calls), nics, closedPorts }
    },
  }
}

function recordCalls(testbed: Testbed, script: FakeScript, calls: string[]): Testbed {
  return {
    ...testbed,
    unsupported: (event) => script.unsupported?.(event) ?? testbed.unsupported(event),
    watchProcessorWaits: () => ({
      stalledMs: script.stalledMs ?? (() => 0),
      waits: () => script.waits?.() ?? [],
      end: () => script.waits?.() ?? [],
    }),
    setLink(event) {
      calls.push(`link ${renderEndpoint(event.endpoint)} ${event.state}`)
      return testbed.setLink(event)
    },
    setMachine(event) {
      calls.push(`machine ${event.node} ${event.state}`)
      return testbed.setMachine(event)
    },
    setNic(event) {
      calls.push(`nic ${renderEndpoint(event.endpoint)} ${event.state}`)
      return testbed.setNic(event)
    },
    async tearDown() {
      calls.push('tear down')
      await testbed.tearDown()
      if (script.lingers !== undefined) throw machineryError(script.lingers)
    },
  }
}

/** What the fake provider works on NICs by. */
interface Named {
  readonly name: string
}

function fakeDriver(
  script: FakeScript,
  calls: string[],
  nics: Map<string, FakeNic>,
  closedPorts: Set<string>,
): Driver<Named> {
  const machines = new Set<FakeMachine>()
  const nicOf = (machine: string, nic: string) => {
    const found = nics.get(`${machine}:${nic}`)
    if (!found) throw new Error(`there is no NIC ${nic} in ${machine}`)
    return found
  }
  return {
    cables: {
      async plug({ name }, nic) {
        nics.set(`${name}:${nic.name}`, { carrier: true, silences: [] })
      },
      async unplug({ name }, nic) {
        nics.delete(`${name}:${nic.name}`)
      },
      async setCarrier({ name }, nic, up) {
        await script.before?.(`carrier ${name}:${nic.name}`)
        nicOf(name, nic.name).carrier = up
      },
      async silence({ name }, nic, direction) {
        const { silences } = nicOf(name, nic.name)
        silences.push(direction)
        return async () => void silences.splice(silences.indexOf(direction), 1)
      },
      async setPort({ cable, end }, open) {
        await script.before?.(`port ${cable}-${end}`)
        if (open) closedPorts.delete(`${cable}-${end}`)
        else closedPorts.add(`${cable}-${end}`)
      },
    },
    async start({ name, nics: planned }, { wire, onNic, plugged }, _signal, saved) {
      await script.before?.(`start ${name}`)
      if (saved) {
        const text = readFileSync(saved.file, 'utf8')
        calls.push(`restore ${name} ${text}`)
        script.restore?.(name, text)
      }
      const machine = startFakeMachine(name, script, calls, (nic, up) => {
        for (const { mac } of planned.filter((each) => each.name === nic)) onNic({ mac, up })
      })
      machines.add(machine)
      void machine.ended.then(() => {
        machines.delete(machine)
        for (const nic of nics.keys()) if (nic.startsWith(`${name}:`)) nics.delete(nic)
      })
      // What is inside a saved machine is not plugged in.
      if (saved) for (const nic of plugged) nics.set(`${name}:${nic.name}`, { carrier: true, silences: [] })
      await wire({ name }, saved ? plugged : [])
      return machine
    },
    async capture(machine, nic, file) {
      const endpoint = `${machine}:${nic.name}`
      writeFileSync(file, emptyPcap)
      calls.push(`capture ${endpoint}`)
      return {
        settle: async () => statSync(file).size,
        standStill: async () => void calls.push(`stand still ${endpoint}`),
        goOn: async () => void calls.push(`go on ${endpoint}`),
        end: async () => void calls.push(`end capture ${endpoint}`),
        isCut: () => false,
      }
    },
    pids: () => new Map(),
    async remove() {
      await Promise.all([...machines].map((machine) => machine.end()))
    },
    detach: () => void calls.push('detach'),
  }
}
