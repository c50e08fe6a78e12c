import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { machineryError, messageOf, WirelabError } from '../errors.ts'
import { explainFullDisk } from '../host/full-disk.ts'
import { openResult } from '../host/results-files.ts'
import { roomForRuntime } from '../host/runtime-folder.ts'
import { type Plan, planRun } from '../plan.ts'
import { type Snapshot, stateFile } from '../providers/snapshot.ts'
import { knowledgeOf, type SavedSteps, whatGoesOn } from '../steps/saved-steps.ts'
import type { Failure } from '../steps/scope-context.ts'
import type { SessionGoOn } from './session.ts'

/** The folder of the machines of a scope, in its results, and the file there that tells of them. */
export const machinesFolder = 'machines'
export const savedFile = 'saved.json'

const impairment = z.strictObject({
  delayMs: z.number().optional(),
  jitterMs: z.number().optional(),
  lossPercent: z.number().optional(),
  rate: z.string().optional(),
})
const pairs = <T extends z.ZodType>(second: T) => z.array(z.tuple([z.string(), second]))

const savedSchema = z.strictObject({
  version: z.literal(1),
  lab: z.string(),
  variant: z.string(),
  accelerator: z.string(),
  /** What the lab says of machines, cables and steps, as a hash. */
  shape: z.string(),
  /** The case that had failed. */
  failed: z.string(),
  /** How many steps were done. */
  done: z.int().nonnegative(),
  /** What runs in the machines, and can't be brought back with them, in words. */
  lost: z.array(z.string()),
  steps: z.strictObject({
    kept: pairs(z.string()),
    verdicts: pairs(z.enum(['passed', 'failed', 'error', 'skipped'])),
    unasked: z.array(z.string()),
    impairments: z.strictObject({
      wanted: z.array(z.strictObject({ endpoint: z.strictObject({ node: z.string(), nic: z.string() }), impairment })),
      unplugged: z.array(z.string()),
      settled: pairs(z.string()),
    }),
  }),
  machines: z.record(z.string(), z.strictObject({ bytes: z.number(), facts: z.unknown() })),
  wiring: z.strictObject({
    ends: z.array(
      z.strictObject({
        ...{ machine: z.string(), nic: z.string(), plugged: z.boolean(), up: z.boolean() },
        silent: z.enum(['in', 'out', 'both']).optional(),
      }),
    ),
    cut: z.array(z.string()),
  }),
})

/** Machines of a run as they were when a claim failed. */
export type SavedLab = Readonly<z.infer<typeof savedSchema>>

const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/**
 * Saves the machines of a scope in a folder that is not there yet. Returns how many bytes it has then.
 * @throws WirelabError of kind machinery when they can't be saved; nothing is left then
 */
export async function saveLab(
  folder: string,
  lab: string,
  accelerator: string,
  { context, step, caseName }: Failure,
): Promise<{ readonly bytes: number; readonly lost: readonly string[] }> {
  const { testbed, variant } = context
  if (testbed.noSnapshots !== undefined) throw machineryError(`cannot save the machines: ${testbed.noSnapshots}`)
  const explain = (error: unknown) => explainFullDisk('save the machines', dirname(folder), error, roomForResults)
  const snapshot = await testbed.takeSnapshot(folder, { whole: true }).catch((error: unknown) => {
    throw explain(error)
  })
  try {
    let bytes = 0
    for (const machine of Object.keys(snapshot.machines)) {
      const file = stateFile(folder, machine)
      const packed = createWriteStream(`${file}${packedEnding}`, { flags: 'wx', mode: 0o600 })
      await pipeline(createReadStream(file), createZstdCompress(compression), packed)
      rmSync(file)
      bytes += packed.bytesWritten
    }
    const saved: SavedLab = {
      ...{ version: 1, lab, variant: variant.name, accelerator, shape: shapeOf(planRun(lab, variant)) },
      ...{ failed: caseName, done: variant.steps.indexOf(step) + 1, lost: whatGoesOn(context) },
      steps: knowledgeOf(context) as SavedLab['steps'],
      machines: snapshot.machines,
      wiring: snapshot.wiring as SavedLab['wiring'],
    }
    writeFileSync(join(folder, savedFile), JSON.stringify(saved), { flag: 'wx', mode: 0o600 })
    return { bytes, lost: saved.lost }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw asOurs(explain(error), `save the machines in ${folder}`)
  }
}

const roomForResults = 'Free some of it, or name a folder elsewhere with --results.'

const asOurs = (error: unknown, words: string) =>
  error instanceof WirelabError ? error : machineryError(`cannot ${words}: ${messageOf(error)}`, undefined, error)

const packedEnding = '.zst'

const shapeOf = ({ machines, cables, variant }: Plan) =>
  createHash('sha256')
    .update(JSON.stringify([machines, cables, variant.steps.map(({ name }) => name)]))
    .digest('hex')

const longestBytes = 16e6

/** Reads what is written down of saved machines. Whoever wrote it is not trusted. @throws WirelabError */
export function readSavedLab(folder: string): SavedLab {
  try {
    const descriptor = openResult(folder, savedFile)
    try {
      if (fstatSync(descriptor).size > longestBytes) throw new Error('it is too long')
      return savedSchema.parse(JSON.parse(readFileSync(descriptor, 'utf8')))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw machineryError(`cannot read the machines saved in ${folder}: ${cause}`, undefined, error)
  }
}

/** Beside its memory a machine's state has this at the most. */
const devicesBytes = 128 * 1024 ** 2

/**
 * Unpacks saved machines of a plan in a new folder. @throws WirelabError of kind machinery when they are another lab's,
 * or damaged
 */
export async function unpackSavedLab(from: string, saved: SavedLab, plan: Plan, folder: string): Promise<Snapshot> {
  if (saved.shape !== shapeOf(plan))
    throw machineryError(
      `cannot open ${from}: the lab ${plan.lab} has other machines, cables or steps than the one that was run`,
    )
  mkdirSync(folder, { mode: 0o700 })
  for (const { name, memoryMiB } of plan.machines) {
    const packed = openResult(from, `${stateFile('.', name)}${packedEnding}`)
    const file = createWriteStream(stateFile(folder, name), { flags: 'wx', mode: 0o600 })
    const bounded = boundedTo(memoryMiB * 1024 ** 2 + devicesBytes)
    try {
      await pipeline(createReadStream('', { fd: packed }), createZstdDecompress(), bounded, file)
    } catch (error) {
      const words = `unpack the machine ${name} saved in ${from}`
      throw asOurs(explainFullDisk(words, folder, error, roomForRuntime()), words)
    }
  }
  return { folder, machines: saved.machines as Snapshot['machines'], wiring: saved.wiring as Snapshot['wiring'] }
}

function boundedTo(bytes: number): Transform {
  let left = bytes
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length
      done(left < 0 ? new Error('it is longer than its memory') : null, chunk)
    },
  })
}

/** What a session goes on with. */
export const goOnFrom = ({ done, steps }: SavedLab): SessionGoOn => ({ done, steps: steps as SavedSteps })
