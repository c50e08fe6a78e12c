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
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { makeFolderInside } from './file-names.ts'

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

/** A line of a file, without its newline, and where it stands in the file, in bytes: `to` is behind the newline. */
export interface ResultLine {
  readonly text: string
  readonly from: number
  readonly to: number
}

const chunkBytes = 1 << 20
const maxLineBytes = 1 << 28

/**
 * The lines of a file of a results folder, which is never held as a whole; behind the last newline there is one more,
 * which may be empty.
 * @throws as `openResult`, and for a line that is too long
 */
export function* eachLine(folder: string, path: string): Generator<ResultLine> {
  const descriptor = openResult(folder, path)
  try {
    // One buffer for all of the file; what of a line is in it already stands at its beginning.
    let bytes = Buffer.allocUnsafe(chunkBytes)
    let at = 0
    let held = 0
    const readMore = () => readSync(descriptor, bytes, held, bytes.length - held, null)
    for (let more = readMore(); more > 0; more = readMore()) {
      const filled = bytes.subarray(0, held + more)
      let from = 0
      for (let end = filled.indexOf(newline, held); end >= 0; end = filled.indexOf(newline, from)) {
        yield { text: filled.toString('utf8', from, end), from: at + from, to: at + end + 1 }
        from = end + 1
      }
      held = filled.length - from
      at += from
      if (held > maxLineBytes) throw new Error('a line of it is too long')
      const next = held > bytes.length / 2 ? Buffer.allocUnsafe(bytes.length * 2) : bytes
      filled.copy(next, 0, from)
      bytes = next
    }
    yield { text: bytes.toString('utf8', 0, held), from: at, to: at + held }
  } finally {
    closeSync(descriptor)
  }
}

const newline = 10

/** The text of some pieces of a file, which are given from byte to byte. @throws as `openResult` */
export const readPieces = (folder: string, path: string, pieces: Iterable<Pick<ResultLine, 'from' | 'to'>>): string[] =>
  using(openResult(folder, path), (descriptor) =>
    Array.from(pieces, ({ from, to }) => {
      const bytes = Buffer.alloc(to - from)
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, from))
    }),
  )

/**
 * Writes a file of a results folder, perhaps piece by piece: beside what has its name until it is whole, and then in its
 * place. A link of that name is replaced and not followed, nor one on the way to it; a file that can't be written leaves
 * what was there.
 * @throws what the file system throws
 */
export function writeResult(folder: string, name: string, text: string | Iterable<string>): void {
  const where = dirname(name) === '.' ? folder : makeFolderInside(folder, dirname(name))
  const unfinished = join(where, `.${basename(name)}.${randomUUID()}`)
  try {
    using(openSync(unfinished, 'wx'), (descriptor) => {
      for (const piece of typeof text === 'string' ? [text] : joinPieces(text)) writeFileSync(descriptor, piece)
    })
    renameSync(unfinished, join(folder, name))
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

/** The same text in fewer, longer pieces. */
function* joinPieces(pieces: Iterable<string>): Generator<string> {
  let waiting: string[] = []
  let chars = 0
  for (const piece of pieces) {
    waiting.push(piece)
    chars += piece.length
    if (chars < chunkBytes) continue
    yield waiting.join('')
    waiting = []
    chars = 0
  }
  yield waiting.join('')
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
