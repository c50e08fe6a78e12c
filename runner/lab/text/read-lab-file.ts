import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { Diagnostic } from './diagnostics.ts'

/** A lab file's text and where it stands. */
export interface LabFile {
  /** Lower-case letters, digits, - and _: fit for a file's name. */
  readonly name: string
  /** Absolute path. */
  readonly file: string
  /** Absolute path of the folder that it stands in. */
  readonly folder: string
  readonly text: string
}

/** What a lab's file is called in the lab's folder. */
export const labFileName = 'lab.yaml'

const maxBytes = 1024 * 1024

/** Reads a lab file, or the lab file in a folder; one diagnostic when that can't be done. */
export function readLabFile(path: string): LabFile | Diagnostic {
  const file = labFileAt(resolve(path))
  const refuse = (cause: string, hint?: string): Diagnostic => ({
    message: `cannot read lab file: ${cause}`,
    hint,
    file,
  })
  try {
    const real = realpathSync(file)
    // The lines of a lab's mistakes are shown: a link must not show another file's.
    if (!isInside(real, realpathSync(dirname(file))))
      return refuse('it is a link to another folder', 'name the file that it leads to')
    const read = readTextFile(real, maxBytes)
    if ('cause' in read) return refuse(read.cause, read.hint)
    if (read.text === '') return refuse('it is empty', 'a lab has at least a title, a summary, nodes and steps')
    return { name: labName(file), file, folder: dirname(file), text: read.text }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(isMissing ? 'there is no such file' : messageOf(error))
  }
}

/** The text of a regular file, which is no link, or why it can't be had. Throws what the file system throws. */
export function readTextFile(file: string, limit: number): { readonly text: string } | Refused {
  const bytes = readRegularFile(file, limit)
  if (typeof bytes === 'string') return { cause: bytes, hint: 'a lab is text that a person reads: at most 1 MB' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { cause: 'it is no UTF-8 text' }
  }
}

/** Why a file can't be had. */
export interface Refused {
  readonly cause: string
  readonly hint?: string
}

/** Whether an absolute path lies in a folder, both without links. */
export const isInside = (file: string, folder: string): boolean =>
  file.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/**
 * The bytes of a regular file, which is no link, of at most `limit` bytes, or why not, in words. Never waits on a pipe.
 * Throws what the file system throws.
 */
export function readRegularFile(file: string, limit: number): Buffer | string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const { size, ...stats } = fstatSync(descriptor)
    if (!isRegular(stats.mode)) return 'it is no regular file'
    if (size > limit) return `it has ${(size / 1_048_576).toFixed(1)} MB, the limit is ${limit / 1_048_576} MB`
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const isRegular = (mode: number): boolean => (mode & constants.S_IFMT) === constants.S_IFREG

const labFileAt = (path: string): string =>
  existsSync(path) && statSync(path).isDirectory() ? join(path, labFileName) : path

function labName(file: string): string {
  const stem = basename(file) === labFileName ? basename(dirname(file)) : basename(file, extname(file))
  const name = stem
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
  return name.slice(0, 60) || 'lab'
}
