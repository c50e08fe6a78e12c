import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { giveToConfined, takeFromConfined } from '../../host/confinement.ts'
import { hostNowMs } from '../../host/host-now.ts'
import type { Image } from '../../image/image.ts'
import { warmUpScript } from '../guest/guest-scripts.ts'
import { setClock } from '../guest/set-clock.ts'
import { slowest } from '../machine-clock.ts'
import type { PrepareOptions } from '../provider.ts'
import type { MachineShape } from './command-line.ts'
import { socketsFolder } from './descriptors.ts'
import type { QemuProcess } from './qemu-process.ts'
import { openBootFiles } from './sealed-files.ts'
import { sshAddressOf } from './ssh-address.ts'
import { templatePorts } from './ssh-ports.ts'
import { describeTemplate, filesIn, unfinishedSuffix } from './template-files.ts'
import { bootMs, untilIdle, withTemplateQemu } from './template-qemu.ts'
import { writeAll, writeState } from './write-state.ts'

/**
 * Boots an image once, and freezes it: a template without NICs, in a folder that is not there yet.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function bootTemplate(
  folder: string,
  { image, shape }: { readonly image: Image; readonly shape: MachineShape },
  { signal, onProgress }: PrepareOptions,
): Promise<void> {
  const unfinished = `${folder}${unfinishedSuffix}`
  const { memory: memoryFile, state: stateFile, frozenAt } = filesIn(unfinished)
  const open = async () => ({
    ...(await openBootFiles(image)),
    ...{ root: openSync(image.root, 'r'), memory: makeMemory(memoryFile, shape.memoryMiB) },
  })
  await mkdir(unfinished, { mode: 0o700 })
  try {
    onProgress(`booting ${image.name} once under ${shape.accelerator}, to be copied from now on`)
    await withTemplateQemu(
      { shape, incoming: false, ports: templatePorts, open, cannot: `cannot boot ${image.name}` },
      async (qemu, runtimeFolder) => {
        await warmUp(image, qemu)
        onProgress('freezing it')
        await writeFile(frozenAt, String(await freeze(qemu, join(runtimeFolder, socketsFolder), stateFile)))
      },
      signal,
    )
    takeFromConfined(memoryFile)
    for (const file of [memoryFile, stateFile, frozenAt]) await chmod(file, 0o400)
    await describeTemplate(unfinished, 0)
    await rename(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Makes the file behind the template's memory, and opens it. */
function makeMemory(file: string, memoryMiB: number): number {
  const memory = openSync(file, 'wx+', 0o600)
  ftruncateSync(memory, memoryMiB * 1024 ** 2)
  giveToConfined(file)
  return memory
}

async function warmUp(image: Image, qemu: QemuProcess): Promise<void> {
  // Whoever calls it counts the time in which the machine can run.
  const timeoutMs = bootMs * slowest
  const address = await sshAddressOf(image, 'the template', () => qemu.ssh)
  // Only who boots a template needs it here.
  const { connectSsh } = await import('../../transports/ssh.ts')
  // What is said before anybody listens waits at the port.
  const connection = await connectSsh(address, timeoutMs)
  try {
    const warmed = await connection.run(['bash', '-c', warmUpScript], { timeoutMs })
    if (warmed.exitCode !== 0) throw machineryError(`cannot warm up ${image.name}: ${warmed.stderr.trim()}`)
    await setClock(connection, { timeoutMs })
  } finally {
    connection.close()
  }
  await untilIdle(qemu)
}

/** Returns when its clock stopped. */
async function freeze(qemu: QemuProcess, sockets: string, stateFile: string): Promise<number> {
  await qemu.qmp.execute('stop')
  const frozenAtMs = hostNowMs()
  const state = openSync(stateFile, 'wx', 0o600)
  try {
    await writeState(qemu, { sockets, socket: 'state' }, (chunk) => writeAll(state, chunk))
  } finally {
    closeSync(state)
  }
  return frozenAtMs
}
