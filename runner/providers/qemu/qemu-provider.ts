import { join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import type { Image } from '../../image/image.ts'
import type { Plan, PlannedMachine } from '../../plan.ts'
import { changeMachine, type MachineChanges, machineNamed } from '../change-machine.ts'
import { changeNic } from '../guest/change-nic.ts'
import type { BringUpOptions, Provider, Testbed } from '../provider.ts'
import { startCableCapture } from '../qmp/nic-filters.ts'
import { watchProcessorWaits } from '../qmp/processor-waits.ts'
import { wiringOf } from '../wiring.ts'
import { backendOf, nicNamed, socketCables } from './cables.ts'
import type { Accelerator } from './command-line.ts'
import { recordKept } from './kept.ts'
import { copyTemplate, type QemuMachine } from './qemu-machine.ts'
import { openTemplate, type Template } from './template.ts'

export interface QemuProviderOptions {
  readonly image: Image
  readonly accelerator: Accelerator
  /** Machines live on when the runner ends. */
  readonly keep: boolean
  onProgress(message: string): void
}

/** Machines as QEMU processes, each a copy of a template; cables as pairs of sockets. */
export function qemuProvider(options: QemuProviderOptions): Provider {
  const templates = new Map<number, Promise<Template>>()
  const templateFor = (memoryMiB: number, signal: AbortSignal) => {
    const known = templates.get(memoryMiB)
    if (known) return known
    const shape = { image: options.image, accelerator: options.accelerator, memoryMiB }
    const template = openTemplate(options.image, shape, { signal, onProgress: options.onProgress })
    templates.set(memoryMiB, template)
    return template
  }
  return { name: 'qemu', bringUp: (plan, bringUpOptions) => bringUp(plan, options, bringUpOptions, templateFor) }
}

async function bringUp(
  plan: Plan,
  { image, accelerator, keep }: QemuProviderOptions,
  { logs, signal, onReady, onDeath }: BringUpOptions,
  templateFor: (memoryMiB: number, signal: AbortSignal) => Promise<Template>,
): Promise<Testbed> {
  const runtimeFolder = makeRuntimeFolder()
  const wiring = wiringOf(plan, socketCables(runtimeFolder.path))
  const machines = new Map<string, QemuMachine>()
  const copies = new Map<string, number>()
  /** How machines are that do not run, by name. */
  const downs = new Map<string, string>()
  let ending = false

  const tearDown = async () => {
    ending = true
    await Promise.allSettled([...machines.values()].map((machine) => machine.end()))
    runtimeFolder.remove()
  }

  const bringUpOne = async (planned: PlannedMachine) => {
    const { name } = planned
    const template = await templateFor(planned.memoryMiB, signal)
    const copy = (copies.get(name) ?? 0) + 1
    copies.set(name, copy)
    const machine = await copyTemplate(planned, {
      image,
      template,
      accelerator,
      wire: (qmp) => wiring.wire(name, qmp),
      consoleLog: join(logs, `${name}${copy > 1 ? `-${copy}` : ''}.console.log`),
      outlives: keep,
      signal,
    })
    machines.set(name, machine)
    downs.delete(name)
    void machine.qemu.ended.then((reason) => {
      if (!ending && !downs.has(name) && machines.get(name) === machine)
        onDeath(name, reason, machine.qemu.console.tail(15))
    })
  }

  const settled = await Promise.allSettled(
    plan.machines.map(async (planned) => {
      const startedMs = performance.now()
      await bringUpOne(planned)
      onReady(planned.name, performance.now() - startedMs)
    }),
  )
  const failure = settled.find((result) => result.status === 'rejected')
  if (failure) {
    await tearDown()
    throw failure.reason
  }

  const record = () => {
    const kept = [...machines.values()].map(({ name, qemu, port }) => ({ name, pid: qemu.pid, port }))
    runtimeFolder.belongTo(kept.map(({ pid }) => pid))
    recordKept(runtimeFolder.path, plan, kept, { clientKey: image.clientKey, hostKey: image.hostKey })
  }
  if (keep) record()

  const usable = (name: string) => machineNamed(name, { machines, downs })

  const changes: MachineChanges = {
    plan,
    wiring,
    machines,
    downs,
    signal,
    async startAnew(planned) {
      await bringUpOne(planned)
      if (keep) record()
    },
  }

  return {
    machine: usable,
    async captureCable(endpoint, file) {
      const [name = '', nicName = ''] = endpoint.split(':')
      const machine = usable(name)
      const nic = nicNamed(machine.planned, nicName)
      if (!nic) throw machineryError(`cannot capture at ${endpoint}: it is no end of a cable`)
      const end = await startCableCapture(machine.qemu.qmp, backendOf(nic), file)
      return { end }
    },
    unsupported: () => undefined,
    watchProcessorWaits: () => watchProcessorWaits(() => [...machines.values()].map(({ qemu }) => qemu.pid)),
    setLink: (event) => wiring.setLink(event),
    setMachine: (event) => changeMachine(event, changes),
    setNic: (event) => changeNic(event, usable(event.endpoint.node), wiring, signal),
    tearDown,
    detach() {
      for (const machine of machines.values()) machine.detach()
    },
  }
}
