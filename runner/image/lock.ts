import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { machineryError, messageOf } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'

export const lockSchema = z.strictObject({
  suite: z.string(),
  /** When Debian's archive had all of these: ISO 8601, UTC. */
  date: z.iso.datetime(),
  /** As dpkg calls it. */
  architecture: z.string(),
  /** By name. The hash is that of the package file, in hexadecimal. */
  packages: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/),
    z.strictObject({
      version: z.string().regex(/^[A-Za-z0-9.+:~-]+$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})

/** The packages that an image is made of, each by its version and its hash. */
export type Lock = Readonly<z.infer<typeof lockSchema>>

/** A package of an image that its lock has in another version, or hasn't. */
export interface LockDifference {
  readonly name: string
  /** The version in the image. */
  readonly installed: string
  readonly locked: string | undefined
}

/** The name of the file that stands beside a recipe. */
export const lockFile = 'image.lock'

/** The lock of a recipe's folder; undefined where there is none. @throws WirelabError of kind machinery for a bad one */
export async function readLock(folder: string): Promise<Lock | undefined> {
  const path = join(folder, lockFile)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw badLock(path, messageOf(error), error)
  })
  return text === undefined ? undefined : parseLock(path, text)
}

/** Reads a lock; `path` is what an error calls it. @throws WirelabError of kind machinery */
export function parseLock(path: string, text: string): Lock {
  try {
    return lockSchema.parse(JSON.parse(text))
  } catch (error) {
    throw badLock(path, error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error), error)
  }
}

/** Writes a lock beside a recipe. @throws WirelabError of kind machinery */
export async function writeLock(folder: string, lock: Lock): Promise<void> {
  const path = join(folder, lockFile)
  try {
    await writeFile(`${path}.new`, renderLock(lock))
    await rename(`${path}.new`, path)
  } catch (error) {
    throw machineryError(`cannot write ${path}: ${messageOf(error)}`, undefined, error)
  }
}

/** The text that `parseLock` reads, with a line for each package. */
export function renderLock({ packages, ...head }: Lock): string {
  const lines = Object.entries(packages)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `    ${JSON.stringify(name)}: ${JSON.stringify(one)}`)
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "packages": {\n${lines.join(',\n')}\n  }\n}\n`
}

/** What of an image that has these versions, by name, is not as in a lock. */
export const differencesFrom = (lock: Lock, versions: Readonly<Record<string, string>>): LockDifference[] =>
  Object.entries(versions)
    .map(([name, installed]) => ({ name, installed, locked: lock.packages[name]?.version }))
    .filter(({ installed, locked }) => installed !== locked)

const shown = 3

/** Some of the differences in words, and how many more there are. */
export function renderDifferences(differences: readonly LockDifference[]): string {
  const words = differences
    .slice(0, shown)
    .map(({ name, locked, installed }) => `${name} ${installed} (locked: ${locked ?? 'none'})`)
  const more = differences.length - words.length
  return [...words, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

const badLock = (path: string, cause: string, error: unknown) =>
  machineryError(
    `cannot read the lock ${path}: ${cause}`,
    `Restore the file, or write it anew: ${ownCommand('image update NAME')}`,
    error,
  )
