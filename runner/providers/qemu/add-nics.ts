import { openSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostNowMs } from '../../host/host-now.ts'
import type { Image } from '../../image/image.ts'
import type { PrepareOptions } from '../provider.ts'
import { spareNic, templateNic, unplugDevice } from './cables.ts'
import type { MachineShape } from './command-line.ts'
import type { QemuProcess } from './qemu-process.ts'
import { saveQemu } from './saved-qemu.ts'
import { sealedMemory } from './sealed-files.ts'
import { runnersPort, templatePorts } from './ssh-ports.ts'
import { describeTemplate, filesIn, nicsFolder, readTemplate, unfinishedSuffix } from './template-files.ts'
import { untilIdle, withTemplateQemu } from './template-qemu.ts'
import { loadState } from './write-state.ts'

/**
 * Adds to a template what it is with each of these numbers of NICs, the least first: a copy of it into which they were
 * plugged, and whose kernel has bound their driver, frozen again. Only what that changed is kept. A spare one, which is
 * gone by then, has the name eth0 meanwhile: labs call theirs eth1, eth2, …, and a new name costs each machine work.
 * @throws WirelabError of kind machinery when the machine does not take them
 */
export async function addNics(
  folder: string,
  { image, shape, counts }: { readonly image: Image; readonly shape: MachineShape; readonly counts: readonly number[] },
  { signal, onProgress }: PrepareOptions,
): Promise<void> {
  const most = counts.at(-1) ?? 0
  onProgress(`plugging NICs into a copy, up to ${most}, to be copied from now on`)
  const bare = await readTemplate(folder, 0)
  const { descriptor: memory, sealed } = await sealedMemory(bare)
  await sealed
  const open = () => ({ root: openSync(image.root, 'r'), state: openSync(bare.stateFile, 'r') })
  const ports = { [runnersPort]: templatePorts[runnersPort] }
  const base = { descriptor: memory, frozenAtMs: bare.memoryFrozenAtMs }
  await withTemplateQemu(
    { shape, incoming: true, ports, open, held: { memory }, cannot: `cannot plug NICs into a copy of ${image.name}` },
    async (qemu, runtimeFolder) => {
      await loadState(qemu)
      let { frozenAtMs } = bare
      const run = async (work: () => Promise<void>) => {
        await qemu.qmp.execute('cont')
        const sinceMs = hostNowMs()
        await work()
        await untilIdle(qemu)
        await qemu.qmp.execute('stop')
        const stoppedAtMs = hostNowMs()
        frozenAtMs += stoppedAtMs - sinceMs
        return stoppedAtMs
      }
      let stoppedAtMs = await run(async () => {
        await plug(qemu, spareNic())
        for (let number = 0; number < most; number++) await plug(qemu, templateNic(number))
        await unplugDevice(qemu.qmp, spareNic().id)
      })
      let nics = most
      for (const count of counts.toReversed()) {
        if (count < nics)
          stoppedAtMs = await run(async () => {
            while (nics > count) await unplugDevice(qemu.qmp, templateNic(--nics).id)
          })
        const toSave = { qemu, shape, base, stoppedAtMs, port: runnersPort, keys: undefined, folder: runtimeFolder }
        await keep(folder, count, frozenAtMs, (file) => saveQemu({ ...toSave, file }))
      }
    },
    signal,
  )
}

const pollMs = 10

/** Plugs a NIC in, and waits until the machine's driver has it. */
async function plug({ qmp }: QemuProcess, device: ReturnType<typeof templateNic>): Promise<void> {
  await qmp.execute('device_add', device)
  const path = `/machine/peripheral/${device.id}/virtio-backend`
  for (;;) {
    // The bit of virtio 1.1, 2.1, that a driver sets when it is ready.
    const { status } = (await qmp.execute('x-query-virtio-status', { path })) as {
      readonly status: { readonly statuses: readonly string[] }
    }
    if (status.statuses.some((each) => each.startsWith('VIRTIO_CONFIG_S_DRIVER_OK'))) return
    await sleep(pollMs)
  }
}

/** Puts a state in its folder, which is there when it is whole. */
async function keep(
  folder: string,
  nics: number,
  frozenAtMs: number,
  save: (file: string) => Promise<unknown>,
): Promise<void> {
  const part = nicsFolder(folder, nics)
  const unfinished = `${part}${unfinishedSuffix}`
  const { state, frozenAt } = filesIn(unfinished)
  for (const path of [part, unfinished]) await rm(path, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  try {
    await save(state)
    await writeFile(frozenAt, String(frozenAtMs))
    for (const file of [state, frozenAt]) await chmod(file, 0o400)
    await describeTemplate(unfinished, nics)
    await rename(unfinished, part)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}
