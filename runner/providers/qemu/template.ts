import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { access, chmod, constants, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, messageOf } from '../../errors.ts'
import { makeCacheFolder } from '../../host/cache.ts'
import { giveToConfined, makeConfinedFolder, takeFromConfined } from '../../host/confinement.ts'
import { within } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { withLock } from '../../host/lock.ts'
import { ownCommand } from '../../host/own-command.ts'
import { processorMs } from '../../host/processor-time.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { freeMiB } from '../../image/disk-space.ts'
import type { Image } from '../../image/image.ts'
import type { VerifyDepth } from '../../image/verify-files.ts'
import { warmUpScript } from '../guest/guest-scripts.ts'
import { setClock } from '../guest/set-clock.ts'
import { machineClock, slowest } from '../machine-clock.ts'
import type { PrepareOptions } from '../provider.ts'
import { watchProcessorWaits } from '../qmp/processor-waits.ts'
import { withConsole } from '../running-machines.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { openFolder, socketsFolder, withOpen } from './descriptors.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { openBootFiles } from './sealed-files.ts'
import { sshAddressOf } from './ssh-address.ts'
import { templatePorts } from './ssh-ports.ts'
import { describeTemplate, faultOfTemplate, filesIn, readTemplate, type Template } from './template-files.ts'
import { templateFolder } from './template-folder.ts'
import { writeAll, writeState } from './write-state.ts'

/** Cold boot of the image under emulation takes about 12 s; this is the time in which the machine could run. */
const bootMs = 120_000

/**
 * Finds the template of a shape, or boots the image and freezes it. One whose files have changed since they were
 * verified is read whole, and made again when it is damaged.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function openTemplate(image: Image, shape: MachineShape, options: PrepareOptions): Promise<Template> {
  await provideTemplate(image, shape, options)
  return readTemplate(await templateFolder(image, shape))
}

/**
 * Makes the template of an image when it is missing or damaged. Returns whether it was made here, and not by another
 * process meanwhile.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function provideTemplate(image: Image, shape: MachineShape, options: PrepareOptions): Promise<boolean> {
  const folder = await templateFolder(image, shape)
  return (await faultOfTemplate(folder, 'quick'))
    ? makeShared({ image, shape, folder, depth: 'quick' }, options)
    : false
}

/**
 * Reads a template whole of which a machine did not come up. Returns the one that stands in its place, when it was
 * damaged; undefined when nothing is wrong with it.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function mendTemplate(
  suspect: Template,
  image: Image,
  shape: MachineShape,
  options: PrepareOptions,
): Promise<Template | undefined> {
  const folder = await templateFolder(image, shape)
  if (await faultOfTemplate(folder, 'full')) await makeShared({ image, shape, folder, depth: 'full' }, options)
  const template = await readTemplate(folder)
  return template.frozenAtMs === suspect.frozenAtMs ? undefined : template
}

/** A template to be made, unless it is there and whole as far as `depth` goes. */
interface Wanted {
  readonly image: Image
  readonly shape: MachineShape
  readonly folder: string
  readonly depth: VerifyDepth
}

/** Templates that this process makes now, by their folders. */
const inTheMaking = new Map<string, Promise<boolean>>()

/** Makes a template once for all who want it at the same time. Whoever comes after it failed tries anew. */
function makeShared(wanted: Wanted, options: PrepareOptions): Promise<boolean> {
  const making =
    inTheMaking.get(wanted.folder) ??
    makeOnce(wanted, options).finally(() => {
      inTheMaking.delete(wanted.folder)
    })
  inTheMaking.set(wanted.folder, making)
  return making
}

/**
 * Makes a template that is missing or damaged, after any other process that makes one: the clocks of two machines that
 * boot at once on a small host are calibrated wrong. What interrupted processes left is removed, and what nobody uses.
 */
async function makeOnce(wanted: Wanted, options: PrepareOptions): Promise<boolean> {
  const { shape, folder } = wanted
  const all = dirname(folder)
  makeCacheFolder(all)
  await demandWritable(all)
  const onWait = () => options.onProgress('waiting for another process that makes a template')
  return withLock(join(all, '.lock'), { signal: options.signal, onWait }, async () => {
    const fault = await faultOfTemplate(folder, wanted.depth)
    if (fault === undefined) return false
    if (!fault.missing) options.onProgress(`the template is damaged (${fault.problem}): it is made again`)
    await rm(folder, { recursive: true, force: true })
    await removeUnused(all)
    const free = await freeMiB(all)
    if (free < shape.memoryMiB)
      throw machineryError(
        `cannot make a template in ${all}: it needs ${shape.memoryMiB} MiB, and ${free} MiB are free`,
        'Free some space, or point XDG_CACHE_HOME to a folder that has it.',
      )
    await makeTemplate(wanted, options)
    return true
  })
}

async function demandWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    throw machineryError(
      `cannot make a template in ${folder}: ${messageOf(error)}`,
      `Let its owner run "${ownCommand('setup')}", or point XDG_CACHE_HOME to a folder of your own and run it yourself.`,
      error,
    )
  }
}

/** How long a template is kept after its last use. */
const unusedMs = 14 * 24 * 3600 * 1000
const unfinishedSuffix = '.unfinished'

async function removeUnused(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const path = join(all, name)
    const unused = Date.now() - (await stat(path)).mtimeMs > unusedMs
    if (name !== '.lock' && (unused || name.endsWith(unfinishedSuffix)))
      await rm(path, { recursive: true, force: true })
  }
}

async function makeTemplate({ image, shape, folder }: Wanted, { signal, onProgress }: PrepareOptions): Promise<void> {
  const unfinished = `${folder}${unfinishedSuffix}`
  const runtimeFolder = makeRuntimeFolder()
  const sockets = join(runtimeFolder.path, socketsFolder)
  makeConfinedFolder(sockets)
  await mkdir(unfinished, { mode: 0o700 })
  try {
    onProgress(`booting ${image.name} once under ${shape.accelerator}, to be copied from now on`)
    const { memory: memoryFile, state: stateFile, frozenAt } = filesIn(unfinished)
    const open = async () => ({
      ...(await openBootFiles(image)),
      ...{ root: openSync(image.root, 'r'), memory: makeMemory(memoryFile, shape.memoryMiB) },
      sockets: openFolder(sockets),
    })
    const qemu = await withOpen(open, (descriptors) =>
      startQemu({
        arguments: qemuArguments(shape, templateInstance),
        ...{ descriptors, consoleLog: join(unfinished, 'console') },
      }),
    )
    const watch = () => watchProcessorWaits(() => new Map([[qemu.pid, templateInstance.name]]))
    const clock = machineClock({ watchProcessorWaits: watch })
    try {
      await within(warmUp(image, qemu), bootMs, `cannot boot ${image.name}`, signal, clock)
      onProgress('freezing it')
      await writeFile(frozenAt, String(await freeze(qemu, sockets, stateFile)))
    } catch (error) {
      throw withTail(error, qemu.console.tail(15))
    } finally {
      clock.end()
      await qemu.kill()
    }
    takeFromConfined(memoryFile)
    for (const file of [memoryFile, stateFile, frozenAt]) await chmod(file, 0o400)
    await describeTemplate(unfinished)
    await rename(unfinished, folder)
  } finally {
    runtimeFolder.remove()
    await rm(unfinished, { recursive: true, force: true })
  }
}

const templateInstance = {
  ...{ name: 'wirelab-template', incoming: false, nics: [] },
  ports: templatePorts,
} as const

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
  const ended = qemu.ended.then(({ words }) => {
    throw machineryError(`cannot boot ${image.name}: ${words}`)
  })
  // What is said before anybody listens waits at the port.
  const connection = await Promise.race([connectSsh(address, timeoutMs), ended])
  try {
    const warmed = await Promise.race([connection.run(['bash', '-c', warmUpScript], { timeoutMs }), ended])
    if (warmed.exitCode !== 0) throw machineryError(`cannot warm up ${image.name}: ${warmed.stderr.trim()}`)
    await setClock(connection, { timeoutMs })
  } finally {
    connection.close()
  }
  await Promise.race([untilIdle(qemu.pid), ended])
}

/** How long a machine does nothing until it counts as idle, and how much work of its host's is nothing. */
const idleMs = 300
const nothingMs = 20

/** Waits until a machine has dealt with the end of its last session: nothing of that is to be frozen. */
async function untilIdle(pid: number): Promise<void> {
  for (let before = processorMs(pid); ; ) {
    await sleep(idleMs)
    const now = processorMs(pid)
    if (now - before <= nothingMs) return
    before = now
  }
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

const withTail = (error: unknown, tail: string) =>
  error instanceof Error && tail ? machineryError(withConsole(error.message, tail), undefined, error) : error
