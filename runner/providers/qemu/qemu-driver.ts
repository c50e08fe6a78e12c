import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { giveToConfined, letConfinedThrough, makeConfinedFolder, takeFromConfined } from '../../host/confinement.ts'
import { pathInside } from '../../host/file-names.ts'
import { consoleFile } from '../../host/results-folder.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import type { Plan, PlannedNic } from '../../plan.ts'
import type { Driver } from '../driver.ts'
import { changeNicInGuest } from '../guest/change-nic.ts'
import { type BringUpOptions, imageOf } from '../provider.ts'
import { startCableCapture } from '../qmp/cable-capture.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { backendOf, socketCables } from './cables.ts'
import { openFolder, pathIn, socketsFolder } from './descriptors.ts'
import { hubsOf } from './hubs.ts'
import { recordToKeep } from './kept.ts'
import { copyTemplate, type QemuMachine } from './qemu-machine.ts'
import { savedQemu } from './saved-qemu.ts'
import { visitorsOf } from './ssh-ports.ts'
import { mendTemplate, openTemplate } from './template.ts'
import type { Template } from './template-files.ts'

/** Starts machines as copies of templates, each in a QEMU of its own. */
export function qemuDriver(plan: Plan, options: BringUpOptions): Driver<Qmp> {
  const { accelerator, keep, logs } = options
  const runtimeFolder = makeRuntimeFolder()
  const handover = mkdtempSync(join(logs, '.captures-'))
  const folders = openFolders(runtimeFolder.path, handover)
  // Before the first machine: whenever this process is killed, what lives on is on record.
  const record = keep ? recordToKeep(runtimeFolder.path, plan, options) : undefined
  const machines = new Map<string, QemuMachine>()
  const copies = new Map<string, number>()
  const machineAt = (name: string) => {
    const machine = machines.get(name)
    if (!machine) throw new Error(`machine ${name} has not started`)
    return machine
  }
  const kept = keep ? { outlivesWith: runtimeFolder.descriptor } : {}
  const endMachines = () => Promise.allSettled([...machines.values()].map((machine) => machine.end()))
  const hubs = hubsOf(plan, { folders, folder: runtimeFolder.path, ...kept })

  return {
    cables: { ...socketCables, setPort: hubs.setPort },
    begin: () => hubs.begin(() => void endMachines()),
    async start(planned, nics, signal, toRestore) {
      const { name } = planned
      const image = imageOf(options, name)
      const saved = toRestore && savedQemu(toRestore.file, toRestore.facts)
      const shape = { image, accelerator, memoryMiB: planned.memoryMiB, cpus: planned.cpus }
      const wanted = { image, shape, nics: saved ? 0 : nics.plugged.length }
      // What makes it serves other machines too, so only the whole bring-up can end that.
      const template = await openTemplate(wanted, options)
      const copy = (copies.get(name) ?? 0) + 1
      copies.set(name, copy)
      const file = consoleFile(name, copy)
      const onLost = (cause: unknown) => options.onLost?.(file, cause)
      const fixed = { image, shape, consoleLog: pathInside(logs, file), onLost, signal, nics, saved, folders, ...kept }
      const visitors = keep ? visitorsOf(plan, name) : {}
      const copyOf = (original: Template) =>
        copyTemplate(planned, { ...fixed, template: original, folder: runtimeFolder.path, visitors })
      const machine = await copyOf(template).catch(async (error: unknown) => {
        const mended = signal.aborted || saved ? undefined : await mendTemplate(template, wanted, options)
        if (mended === undefined) throw error
        return copyOf(mended)
      })
      machines.set(name, machine)
      return machine
    },
    allStarted() {
      record?.complete()
    },
    changeNic: ({ endpoint, ...event }, machine, change) =>
      changeNicInGuest(
        { endpoint, ...event },
        { machine, mac: nicOf(plan, endpoint.node, endpoint.nic)?.mac ?? '', change, signal: options.signal },
      ),
    capture: (name, nic, file) =>
      startCableCapture({ ...sourceAt(machineAt(name), nic), ...handOver(file, handover) }, file),
    pids: () => new Map([...machines].map(([name, { qemu }]) => [qemu.pid, name])),
    async remove() {
      await endMachines()
      await hubs.end()
      for (const folder of Object.values(folders)) closeSync(folder)
      rmSync(handover, { recursive: true, force: true })
      record?.remove()
      runtimeFolder.remove()
    },
    detach() {
      rmSync(handover, { recursive: true, force: true })
      for (const { qemu } of machines.values()) qemu.detach()
      hubs.detach()
    },
  }
}

/** Of what a capture is taken, in UTC. */
const sourceAt = ({ qemu, clock }: QemuMachine, nic: PlannedNic) => ({
  ...{ qmp: qemu.qmp, clock, backend: backendOf(nic), zonesS: [0], givenUp: qemu.capturesGivenUp },
})

/** Where in the folder of a handover captures lie until QEMU has opened them. */
const unopened = 'unopened'

/**
 * Opens the folder in which QEMU makes sockets, and that from which it opens captures. Both lie in a folder that is
 * closed to it, so that from neither a way leads upwards.
 */
function openFolders(runtimeFolder: string, handover: string) {
  const [sockets, captures] = [join(runtimeFolder, socketsFolder), join(handover, unopened)]
  makeConfinedFolder(sockets)
  mkdirSync(captures, { mode: 0o700 })
  letConfinedThrough(captures)
  return { sockets: openFolder(sockets), captures: openFolder(captures) }
}

/** Makes a file for QEMU to open. Once it is open it is put in its place, and QEMU reaches it by no path any more. */
function handOver(file: string, handover: string) {
  const handed = join(handover, unopened, basename(file))
  closeSync(openSync(handed, 'w'))
  giveToConfined(handed)
  const onOpened = () => {
    takeFromConfined(handed)
    renameSync(handed, file)
  }
  return { pathInQemu: pathIn('captures', basename(file)), onOpened }
}

const nicOf = (plan: Plan, machine: string, nic: string): PlannedNic | undefined =>
  plan.machines.find(({ name }) => name === machine)?.nics.find(({ name }) => name === nic)
