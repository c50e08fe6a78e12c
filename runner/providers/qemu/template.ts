import { access, constants, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { makeCacheFolder } from '../../host/cache.ts'
import { withLock } from '../../host/lock.ts'
import { ownCommand } from '../../host/own-command.ts'
import { freeMiB } from '../../image/disk-space.ts'
import type { Image } from '../../image/image.ts'
import type { VerifyDepth } from '../../image/verify-files.ts'
import type { PrepareOptions } from '../provider.ts'
import { addNics } from './add-nics.ts'
import { bootTemplate } from './boot-template.ts'
import type { MachineShape } from './command-line.ts'
import { faultOfTemplate, readTemplate, type Template, unfinishedSuffix } from './template-files.ts'
import { templateFolder } from './template-folder.ts'

/** Which template is wanted. */
export interface WantedTemplate {
  readonly image: Image
  readonly shape: MachineShape
  /** How many NICs its copies have. */
  readonly nics: number
}

/** How many NICs a template has at the most: further ones are plugged into a copy, which is dearer. */
const mostNics = 24

/** What is made of each template: what most machines have. */
const usualNics = [1, 2, 3, 4]

/**
 * Finds a template, or boots the image, freezes it, and adds NICs. One whose files have changed since they were
 * verified is read whole, and made again when it is damaged.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function openTemplate(wanted: WantedTemplate, options: PrepareOptions): Promise<Template> {
  await provideTemplate(wanted, options)
  return readTemplate(await templateFolder(wanted.image, wanted.shape), nicsOf(wanted))
}

/**
 * Makes a template when it is missing or damaged. Returns whether it was made here, and not by another process
 * meanwhile.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function provideTemplate(wanted: WantedTemplate, options: PrepareOptions): Promise<boolean> {
  const toMake = await toMakeOf(wanted, 'quick')
  return (await isMade(toMake)) ? false : makeShared(toMake, options)
}

/**
 * Reads a template whole of which a machine did not come up. Returns the one that stands in its place, when it was
 * damaged; undefined when nothing is wrong with it.
 * @throws WirelabError of kind machinery when the image does not come up
 */
export async function mendTemplate(
  suspect: Template,
  wanted: WantedTemplate,
  options: PrepareOptions,
): Promise<Template | undefined> {
  const toMake = await toMakeOf(wanted, 'full')
  if (!(await isMade(toMake))) await makeShared(toMake, options)
  const template = await readTemplate(toMake.folder, toMake.nics)
  return template.frozenAtMs === suspect.frozenAtMs ? undefined : template
}

/** A template to be made, unless it is there and whole as far as `depth` goes. */
interface ToMake extends WantedTemplate {
  readonly folder: string
  readonly depth: VerifyDepth
}

const nicsOf = ({ nics }: WantedTemplate) => Math.min(nics, mostNics)

const toMakeOf = async (wanted: WantedTemplate, depth: VerifyDepth): Promise<ToMake> => ({
  ...{ ...wanted, nics: nicsOf(wanted), depth },
  folder: await templateFolder(wanted.image, wanted.shape),
})

async function isMade({ folder, nics, depth }: ToMake): Promise<boolean> {
  const faults = await Promise.all([...new Set([0, nics])].map((count) => faultOfTemplate(folder, count, depth)))
  return faults.every((fault) => fault === undefined)
}

/** Templates that this process makes now, by their folders. */
const inTheMaking = new Map<string, Promise<boolean>>()

/** Makes a template once for all who want it at the same time. Whoever comes after it failed tries anew. */
async function makeShared(toMake: ToMake, options: PrepareOptions): Promise<boolean> {
  const { folder } = toMake
  for (let making = inTheMaking.get(folder); making !== undefined; making = inTheMaking.get(folder)) {
    const made = await making
    // Perhaps it was made with other numbers of NICs.
    if (await isMade(toMake)) return made
  }
  const making = makeOnce(toMake, options).finally(() => {
    inTheMaking.delete(folder)
  })
  inTheMaking.set(folder, making)
  return making
}

/**
 * Makes a template that is missing or damaged, after any other process that makes one: the clocks of two machines that
 * boot at once on a small host are calibrated wrong. What interrupted processes left is removed, and what nobody uses.
 */
async function makeOnce(toMake: ToMake, options: PrepareOptions): Promise<boolean> {
  const all = dirname(toMake.folder)
  makeCacheFolder(all)
  await demandWritable(all)
  const onWait = () => options.onProgress('waiting for another process that makes a template')
  return withLock(join(all, '.lock'), { signal: options.signal, onWait }, async () => {
    const booted = await bootOnce(toMake, all, options)
    const counts = await countsToAdd(toMake, options)
    if (counts.length === 0) return booted
    await demandRoom(all, counts.length * nicsMiB)
    await addNics(toMake.folder, { ...toMake, counts }, options)
    return true
  })
}

/** Boots a template, without NICs, that is missing or damaged. Returns whether it was. */
async function bootOnce(toMake: ToMake, all: string, options: PrepareOptions): Promise<boolean> {
  const { folder, shape, depth } = toMake
  if (!(await isAtFault(folder, 0, depth, options))) return false
  await rm(folder, { recursive: true, force: true })
  await removeUnused(all)
  await demandRoom(all, shape.memoryMiB)
  await bootTemplate(folder, toMake, options)
  return true
}

/** What a template is with so many NICs takes less. */
const nicsMiB = 16

async function demandRoom(folder: string, neededMiB: number): Promise<void> {
  const free = await freeMiB(folder)
  if (free < neededMiB)
    throw machineryError(
      `cannot make a template in ${folder}: it needs ${neededMiB} MiB, and ${free} MiB are free`,
      'Free some space, or point XDG_CACHE_HOME to a folder that has it.',
    )
}

/** For which numbers of NICs a template is missing or damaged, of those that are usual and that which is wanted. */
async function countsToAdd({ folder, nics, depth }: ToMake, options: PrepareOptions): Promise<number[]> {
  const counts: number[] = []
  for (const count of new Set([...usualNics, ...(nics === 0 ? [] : [nics])]))
    if (await isAtFault(folder, count, depth, options)) counts.push(count)
  return counts
}

async function isAtFault(
  folder: string,
  nics: number,
  depth: VerifyDepth,
  { onProgress }: PrepareOptions,
): Promise<boolean> {
  const fault = await faultOfTemplate(folder, nics, depth)
  if (fault?.missing === false) onProgress(`the template is damaged (${fault.problem}): it is made again`)
  return fault !== undefined
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

async function removeUnused(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const path = join(all, name)
    const unused = Date.now() - (await stat(path)).mtimeMs > unusedMs
    if (name !== '.lock' && (unused || name.endsWith(unfinishedSuffix)))
      await rm(path, { recursive: true, force: true })
  }
}
