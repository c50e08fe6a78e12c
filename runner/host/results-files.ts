import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/**
 * Opens a file of a results folder for reading, and returns its descriptor. Such a folder may come from anybody: no
 * link in it is followed, and nothing but a regular file is opened. The folder itself may be reached by links.
 * @throws what the file system throws, and an `Error` that says why a file is refused
 */
export function openResult(folder: string, path: string): number {
  const file = join(realpathSync(folder), path)
  if (!lstatSync(file).isFile()) throw new Error('it is not a regular file')
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('it is not a regular file')
    const where = relative(realpathSync(folder), readlinkSync(`/proc/self/fd/${descriptor}`))
    if (where === '..' || where.startsWith(`..${sep}`)) throw new Error('it lies outside of the results folder')
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** The text of a file of a results folder, which is opened by `openResult`. */
export const readResult = (folder: string, path: string): string =>
  using(openResult(folder, path), (descriptor) => readFileSync(descriptor, 'utf8'))

/**
 * Writes a file of a results folder: beside what has its name until it is whole, and then in its place. A link of that
 * name is replaced and not followed; a file that can't be written leaves what was there.
 * @throws what the file system throws
 */
export function writeResult(folder: string, name: string, text: string): void {
  const unfinished = join(folder, `.${name}.${randomUUID()}`)
  try {
    writeFileSync(unfinished, text, { flag: 'wx' })
    renameSync(unfinished, join(folder, name))
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

/** Paths of the regular files in a results folder, sorted. No link is followed. @throws what the file system throws */
export const listResults = (folder: string): string[] => filesIn(folder, '').toSorted()

/** Node's own recursion goes through links. */
const filesIn = (folder: string, inner: string): string[] =>
  readdirSync(join(folder, inner), { withFileTypes: true }).flatMap((entry) => {
    const path = inner === '' ? entry.name : `${inner}/${entry.name}`
    if (entry.isDirectory()) return filesIn(folder, path)
    return entry.isFile() ? [path] : []
  })

/** Copies a file of a results folder to the same place in one that we have made ourselves. @throws as `openResult` */
export function copyResult(from: string, path: string, to: string): void {
  const target = join(to, path)
  mkdirSync(dirname(target), { recursive: true })
  using(openResult(from, path), (descriptor) => copyFileSync(`/proc/self/fd/${descriptor}`, target))
}

function using<T>(descriptor: number, use: (descriptor: number) => T): T {
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
