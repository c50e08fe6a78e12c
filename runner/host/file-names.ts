import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { machineryError } from '../errors.ts'

// How a text that others wrote becomes part of a path, and the check that what is written lies where it is meant to.

const maxChars = 100
const digestChars = 8

/**
 * A text as one part of a path: letters, digits, `_`, `.` and `-`, at most 100 characters. Only blanks and punctuation
 * are folded without a trace; where more went, or `isTaken` says so, a digest of the text stands at the end.
 */
export function foldPart(text: string, isTaken: (folded: string) => boolean = () => false): string {
  const isPlain = /^\w[\w.-]*$/.test(text)
  const folded = isPlain ? text : text.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[.-]+|-+$/g, '')
  const isWhole = /^[ -~]*$/.test(text) && folded !== '' && folded.length <= maxChars
  return isWhole && !isTaken(folded) ? folded : withDigest(folded, text)
}

/** Text cut so that a digest of `what` fits behind it; `from` is where the part that is bounded begins. */
export function withDigest(text: string, what: string, from = 0): string {
  const digest = createHash('sha256').update(what).digest('hex').slice(0, digestChars)
  const kept = text.slice(0, from + maxChars - digestChars - 1)
  return kept.length === from ? `${kept}${digest}` : `${kept}-${digest}`
}

/** A text as the name of a file, of which no two texts have the same: what is not plain anyway gets a digest. */
export const fileName = (text: string): string => foldPart(text, (folded) => folded !== text)

/**
 * The path of something in a folder. @throws WirelabError of kind machinery when it would lie elsewhere: by its name,
 * or
 * because a link stands on the way
 */
export function pathInside(folder: string, name: string): string {
  const path = join(folder, name)
  const parts = relative(folder, path).split('/')
  if (parts[0] === '..' || parts[0] === '') throw elsewhere(path, folder)
  for (let at = folder; parts.length > 0; ) {
    at = join(at, parts.shift() ?? '')
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) throw elsewhere(at, folder)
  }
  return path
}

/** Makes a folder in a folder, with those on the way, and follows no link. Returns its path. @throws as `pathInside` */
export function makeFolderInside(folder: string, name: string): string {
  const path = pathInside(folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

const elsewhere = (path: string, folder: string) =>
  machineryError(`cannot write ${path}: it is a link, or does not lie in ${folder}`)
