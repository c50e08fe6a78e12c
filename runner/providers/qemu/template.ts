import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { makeCacheFolder } from '../../host/cache.ts'
import { within } from '../../host/deadline.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { withLock } from '../../host/lock.ts'
import { shellWord } from '../../host/shell-words.ts'
import { freeMiB } from '../../image/disk-space.ts'
import type { Image } from '../../image/image.ts'
import { connectSsh } from '../../transports/ssh.ts'
import type { Connection } from '../../transports/transport.ts'
import { warmUpScript } from '../guest/guest-scripts.ts'
import { setClock } from '../guest/set-clock.ts'
import type { PrepareOptions } from '../provider.ts'
import { withConsole } from '../running-machines.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { sshAddressOf } from './management.ts'
import { type QemuProcess, startQemu } from './qemu-process.ts'
import { templateFolder } from './template-folder.ts'

/** A machine booted once and frozen. Copies of it share its memory file and never write to it. */
export interface Template {
  readonly memoryFile: string
  readonly stateFile: string
  /** When it was frozen, in milliseconds since 1970; so its clock says, to about a millisecond. */
  readonly frozenAtMs: number
}

/** Cold boot of the image under emulation takes about 12 s on a quiet host; a busy one gets ten times that. */
const bootMs = 120_000
const loginAttemptMs = 10_000

/**
 * Finds the template of a shape, or boots the image and freezes it.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function openTemplate(image: Image, shape: MachineShape, options: PrepareOptions): Promise<Template> {
  const folder = await templateFolder(image, shape)
  if (!existsSync(folder)) await makeShared(image, shape, folder, options)
  const now = new Date()
  await utimes(folder, now, now)
  return { ...filesIn(folder), frozenAtMs: Number(await readFile(frozenAtIn(folder), 'utf8')) }
}

/** Templates that this process makes now, by their folders. */
const inTheMaking = new Map<string, Promise<void>>()

/** Makes a template once for all who want it at the same time. Whoever comes after it failed tries anew. */
function makeShared(image: Image, shape: MachineShape, folder: string, options: PrepareOptions): Promise<void> {
  const making =
    inTheMaking.get(folder) ??
    makeOnce(image, shape, folder, options).finally(() => {
      inTheMaking.delete(folder)
    })
  inTheMaking.set(folder, making)
  return making
}

/**
 * Makes a template that is missing, after any other process that makes one: the clocks of two machines that boot at
 * once on a small host are calibrated wrong. What interrupted processes left is removed, and what nobody uses.
 */
async function makeOnce(image: Image, shape: MachineShape, folder: string, options: PrepareOptions): Promise<void> {
  const all = dirname(folder)
  makeCacheFolder(all)
  const onWait = () => options.onProgress('waiting for another process that makes a template')
  await withLock(join(all, '.lock'), { signal: options.signal, onWait }, async () => {
    if (existsSync(folder)) return
    await removeUnused(all)
    const free = await freeMiB(all)
    if (free < shape.memoryMiB)
      throw machineryError(
        `cannot make a template in ${all}: it needs ${shape.memoryMiB} MiB, and ${free} MiB are free`,
        'Free some space, or point XDG_CACHE_HOME to a folder that has it.',
      )
    await makeTemplate(image, shape, folder, options)
  })
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

const filesIn = (folder: string) => ({ memoryFile: join(folder, 'memory'), stateFile: join(folder, 'state') })
const frozenAtIn = (folder: string) => join(folder, 'frozen-at')

async function makeTemplate(
  image: Image,
  shape: MachineShape,
  folder: string,
  { signal, onProgress }: PrepareOptions,
): Promise<void> {
  const unfinished = `${folder}${unfinishedSuffix}`
  await mkdir(unfinished)
  try {
    onProgress(`booting ${image.name} once under ${shape.accelerator}, to be copied from now on`)
    const { memoryFile, stateFile } = filesIn(unfinished)
    const qemu = await startQemu({
      arguments: qemuArguments(shape, { name: 'wirelab-template', memoryFile, shared: true, incoming: false }),
      consoleLog: join(unfinished, 'console'),
    })
    try {
      await within(warmUp(image, qemu), bootMs, `cannot boot ${image.name}`, signal)
      onProgress('freezing it')
      await writeFile(frozenAtIn(unfinished), String(await freeze(qemu, stateFile)))
    } catch (error) {
      throw withTail(error, qemu.console.tail(15))
    } finally {
      await qemu.kill()
    }
    await rename(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function warmUp(image: Image, qemu: QemuProcess): Promise<void> {
  const address = await sshAddressOf(image, qemu.qmp)
  const ended = qemu.ended.then(({ words }) => {
    throw machineryError(`cannot boot ${image.name}: ${words}`)
  })
  // The forwarded port takes connections long before the machine listens: the first that is answered is waited for.
  let connection: Connection | undefined
  while (!connection)
    connection = await Promise.race([connectSsh(address, loginAttemptMs).catch(() => undefined), ended])
  try {
    const warmed = await Promise.race([connection.run(['bash', '-c', warmUpScript], { timeoutMs: bootMs }), ended])
    if (warmed.exitCode !== 0) throw machineryError(`cannot warm up ${image.name}: ${warmed.stderr.trim()}`)
  } finally {
    connection.close()
  }
  // A second login runs warm, and its end leaves no half-open session in the frozen state.
  const again = await connectSsh(address, loginAttemptMs)
  await setClock(again, { timeoutMs: loginAttemptMs })
  again.close()
  await again.ended
}

/** Returns when its clock stopped. */
async function freeze(qemu: QemuProcess, stateFile: string): Promise<number> {
  await qemu.qmp.execute('stop')
  const frozenAtMs = hostNowMs()
  await qemu.qmp.execute('migrate-set-capabilities', { capabilities: templateCapabilities })
  const done = qemu.qmp.waitFor(
    ({ event, data }) => event === 'MIGRATION' && /completed|failed/.test(String(data?.['status'])),
  )
  await qemu.qmp.execute('migrate', { uri: `exec:cat > ${shellWord(stateFile)}` })
  const { data } = await done
  if (data?.['status'] !== 'completed') throw machineryError('cannot freeze the template: the migration failed')
  return frozenAtMs
}

/** The memory stays in its file, only the devices' state is written. Both sides need the same. */
export const templateCapabilities = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }))

const withTail = (error: unknown, tail: string) =>
  error instanceof Error && tail ? machineryError(withConsole(error.message, tail), undefined, error) : error
