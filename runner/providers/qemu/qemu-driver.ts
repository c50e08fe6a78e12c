import { pathInside } from '../../host/file-names.ts'
import { consoleFile } from '../../host/results-folder.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import type { Plan, PlannedNic } from '../../plan.ts'
import type { Driver } from '../driver.ts'
import { changeNicInGuest } from '../guest/change-nic.ts'
import type { BringUpOptions } from '../provider.ts'
import { startCableCapture } from '../qmp/cable-capture.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { backendOf, socketCables } from './cables.ts'
import { recordToKeep } from './kept.ts'
import { copyTemplate, type QemuMachine } from './qemu-machine.ts'
import { openTemplate } from './template.ts'

/** Starts machines as copies of templates, each in a QEMU of its own. */
export function qemuDriver(plan: Plan, options: BringUpOptions): Driver<Qmp> {
  const { image, accelerator, keep, logs } = options
  const runtimeFolder = makeRuntimeFolder()
  // Before the first machine: whenever this process is killed, what lives on is on record.
  const record = keep ? recordToKeep(runtimeFolder.path, plan, image) : undefined
  const machines = new Map<string, QemuMachine>()
  const copies = new Map<string, number>()
  const machineAt = (name: string) => {
    const machine = machines.get(name)
    if (!machine) throw new Error(`machine ${name} has not started`)
    return machine
  }

  return {
    cables: socketCables(runtimeFolder.path),
    async start(planned, wire, signal) {
      const { name, memoryMiB } = planned
      // What makes it serves other machines too, so only the whole bring-up can end that.
      const template = await openTemplate(image, { image, accelerator, memoryMiB }, options)
      const copy = (copies.get(name) ?? 0) + 1
      copies.set(name, copy)
      const consoleLog = pathInside(logs, consoleFile(name, copy))
      const machine = await copyTemplate(planned, {
        ...{ image, template, accelerator, consoleLog, signal, wire },
        ...(keep ? { outlivesWith: runtimeFolder.descriptor } : {}),
      })
      machines.set(name, machine)
      return machine
    },
    allStarted() {
      record?.addPorts(Object.fromEntries([...machines].map(([name, { port }]) => [name, port])))
    },
    changeNic: ({ endpoint, ...event }, machine, change) =>
      changeNicInGuest(
        { endpoint, ...event },
        { machine, mac: nicOf(plan, endpoint.node, endpoint.nic)?.mac ?? '', change, signal: options.signal },
      ),
    capture(name, nic, file) {
      const { qemu, clock } = machineAt(name)
      return startCableCapture({ qmp: qemu.qmp, clock, backend: backendOf(nic), zonesS: [0] }, file)
    },
    pids: () => [...machines.values()].map(({ qemu }) => qemu.pid),
    async remove() {
      await Promise.allSettled([...machines.values()].map((machine) => machine.end()))
      record?.remove()
      runtimeFolder.remove()
    },
    detach() {
      for (const { qemu } of machines.values()) qemu.detach()
    },
  }
}

const nicOf = (plan: Plan, machine: string, nic: string): PlannedNic | undefined =>
  plan.machines.find(({ name }) => name === machine)?.nics.find(({ name }) => name === nic)
