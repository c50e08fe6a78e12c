import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ImageManifest } from './manifest.ts'

/** How well files are looked at. */
export type VerifyDepth = 'quick' | 'full'

/** A file that is not what it is to be. */
export interface DamagedFile {
  readonly name: string
  readonly problem: string
}

/**
 * Compares files in a folder with what they are to be: `full` reads all bytes; `quick` reads only files that have
 * changed on
 * disk since they were last read whole, as their inode, size and times of change tell.
 */
export async function verifyFiles(
  folder: string,
  files: ImageManifest['files'],
  depth: VerifyDepth,
): Promise<DamagedFile[]> {
  const stamps = depth === 'full' ? {} : await readStamps(folder)
  const verified: Record<string, string> = {}
  const damaged: DamagedFile[] = []
  for (const [name, expected] of Object.entries(files)) {
    const stamp = await stampOf(join(folder, name))
    const problem = stamp !== undefined && stamps[name] === stamp ? undefined : await compare(folder, name, expected)
    if (problem !== undefined) damaged.push({ name, problem })
    else if (stamp !== undefined) verified[name] = stamp
  }
  if (damaged.length === 0 && !sameStamps(stamps, verified)) await writeStamps(folder, verified)
  return damaged
}

/** Lets a quick look take these files as they are now for whole. */
export async function rememberVerified(folder: string, names: readonly string[]): Promise<void> {
  const stamps: Record<string, string> = {}
  for (const name of names) stamps[name] = (await stampOf(join(folder, name))) ?? ''
  await writeStamps(folder, stamps)
}

/** Size and SHA-256 (hexadecimal) of a file. */
export async function digestFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}

async function compare(folder: string, name: string, expected: ImageManifest['files'][string]) {
  const path = join(folder, name)
  const bytes = await stat(path).then(
    (found) => found.size,
    () => undefined,
  )
  if (bytes === undefined) return 'it is missing'
  if (bytes !== expected.bytes) return `it has ${bytes} bytes instead of ${expected.bytes}`
  const { sha256 } = await digestFile(path)
  return sha256 === expected.sha256 ? undefined : 'its SHA-256 differs'
}

const stampsFile = 'verified.json'

const stampOf = (path: string) =>
  stat(path, { bigint: true }).then(
    ({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].join(' '),
    () => undefined,
  )

async function readStamps(folder: string): Promise<Record<string, unknown>> {
  try {
    const stamps: unknown = JSON.parse(await readFile(join(folder, stampsFile), 'utf8'))
    return typeof stamps === 'object' && stamps !== null ? { ...stamps } : {}
  } catch {
    return {}
  }
}

/** Stamps only save time: where they can't be written, the next one reads the files again. */
async function writeStamps(folder: string, stamps: Record<string, string>) {
  const temporary = join(folder, `.${stampsFile}.${process.pid}`)
  try {
    await writeFile(temporary, JSON.stringify(stamps), { mode: 0o600 })
    await rename(temporary, join(folder, stampsFile))
  } catch {}
}

const sameStamps = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, stamp]) => b[name] === stamp)
