import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { machineryError } from '../../errors.ts'
import type { Image } from '../../image/image.ts'
import type { SavedMachine } from '../driver.ts'
import { changedPages, type ReadPage } from './changed-pages.ts'
import type { BusPlaces, MachineShape } from './command-line.ts'
import { socketsFolder } from './descriptors.ts'
import type { QemuProcess } from './qemu-process.ts'
import type { Template } from './template-files.ts'
import { whatStateFits } from './template-folder.ts'
import { writeAll, writeState } from './write-state.ts'

const keysSchema = z.strictObject({ clientKey: z.string(), hostKey: z.string() })

export type SshKeys = Readonly<z.infer<typeof keysSchema>>

const factsSchema = z.strictObject({
  /** When it stopped, by the host's clock. */
  stoppedAtMs: z.number(),
  /** The port at which the runner was. */
  port: z.int(),
  places: z.record(z.string(), z.int()),
  /** Of which template's memory it has what changed: when that was frozen. */
  changedSinceMs: z.number().optional(),
  /** What it must find on its host: it has all of its memory. */
  fits: z.record(z.string(), z.string()).optional(),
  /** A private key that logs in, and the public one that it shows; those of its image when left out. */
  keys: keysSchema.optional(),
})

/** What must be known of a machine beside the state that QEMU wrote of it. */
export type SavedFacts = Readonly<z.infer<typeof factsSchema>>

/** A machine that can be brought back. */
export interface SavedQemu {
  readonly facts: SavedFacts
  /** Opens the state, for QEMU to read. */
  open(): number
}

/** A machine that is to be saved: what changed since a `base`, or the `whole`, of its image. */
export interface ToSave {
  readonly qemu: QemuProcess
  /** When it stopped, by the host's clock. */
  readonly stoppedAtMs: number
  readonly shape: MachineShape
  /** The port at which the runner is. */
  readonly port: number
  readonly file: string
  /** The memory that it began with, of which only what changed is written; without it, all. */
  readonly base?: { readonly descriptor: number; readonly frozenAtMs: number } | undefined
  readonly whole?: Image
  /** As in the facts. */
  readonly keys: SshKeys | undefined
  /** The runtime folder. */
  readonly folder: string
}

/** Of a state beside the machine's memory. */
const devicesBytes = 64 * 1024 ** 2

/** Writes the state of a machine that stands still to a new file. @throws WirelabError; what the file system throws */
export async function saveQemu(toSave: ToSave): Promise<SavedMachine> {
  const { qemu, stoppedAtMs, shape, port, file, base, whole, keys, folder } = toSave
  const memoryBytes = shape.memoryMiB * 1024 ** 2
  const places = await placesOfNics(qemu)
  const descriptor = openSync(file, 'wx', 0o600)
  const reduce = base === undefined ? (chunk: Buffer) => chunk : changedPages(memoryBytes, pageReader(base.descriptor))
  let leftBytes = memoryBytes + devicesBytes
  const take = (chunk: Buffer) => {
    const reduced = reduce(chunk)
    leftBytes -= reduced.length
    if (leftBytes < 0) throw machineryError('cannot write the state of a machine: it is longer than its memory')
    writeAll(descriptor, reduced)
  }
  try {
    await writeState(qemu, { sockets: join(folder, socketsFolder), socket: `state${qemu.pid}` }, take)
  } finally {
    closeSync(descriptor)
  }
  const facts: SavedFacts = {
    ...{ stoppedAtMs, port, places },
    ...(base === undefined ? {} : { changedSinceMs: base.frozenAtMs }),
    ...(whole && { fits: await whatStateFits(whole, shape) }),
    ...(keys && { keys }),
  }
  return { bytes: memoryBytes + devicesBytes - leftBytes, facts }
}

/** Where on the bus NICs are, in a machine that may have other ones than at its beginning. */
async function placesOfNics({ qmp }: QemuProcess): Promise<BusPlaces> {
  const [bus] = (await qmp.execute('query-pci')) as readonly {
    readonly devices: readonly { readonly qdev_id: string; readonly slot: number }[]
  }[]
  return Object.fromEntries(
    (bus?.devices ?? []).flatMap(({ qdev_id: id, slot }) => (/^nic\d/.test(id) ? [[id, slot]] : [])),
  )
}

const blockBytes = 1024 ** 2

/** Reads pages of a file; those that lie near each other together. */
function pageReader(descriptor: number): ReadPage {
  const block = Buffer.alloc(blockBytes)
  let blockAt = -1
  return (place) => {
    const at = place % blockBytes
    if (place - at !== blockAt) block.fill(0, readSync(descriptor, block, 0, blockBytes, place - at))
    blockAt = place - at
    return [block, at]
  }
}

/**
 * A saved machine as a driver takes it. @throws WirelabError of kind machinery when the facts are none, or fit no more
 */
export function savedQemu(file: string, facts: unknown): SavedQemu {
  const parsed = factsSchema.safeParse(facts)
  if (!parsed.success)
    throw machineryError(`cannot read what is written down of ${file}: ${z.prettifyError(parsed.error)}`)
  return { facts: parsed.data, open: () => openSync(file, 'r') }
}

/** @throws WirelabError of kind machinery when a machine can't go on from this template */
export async function demandFit(
  { facts: { changedSinceMs, fits } }: SavedQemu,
  { memoryFrozenAtMs }: Template,
  image: Image,
  shape: MachineShape,
): Promise<void> {
  if (fits === undefined && changedSinceMs !== memoryFrozenAtMs)
    throw machineryError('cannot bring a machine back: the template that it came of was made anew since')
  for (const [what, here] of Object.entries(fits ? await whatStateFits(image, shape) : {})) {
    const there = fits?.[what]
    if (there !== here) throw machineryError(`cannot bring a machine back: its ${what} is ${there}, and here ${here}`)
  }
}
