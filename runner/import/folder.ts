import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import { isInside, readRegularFile } from '../lab/text/read-lab-file.ts'
import { withBraces } from '../lab/values/placeholders.ts'
import type { ImportedFile } from './importer.ts'

/** The files beside a topology, of which an import takes no more than a bounded number and size. */
export interface TopologyFolder {
  /**
   * Returns a file, or all files of a folder, for a place in a machine; or why not, in words. Nothing that lies outside
   * of the topology's folder is read, and no link to a folder is followed.
   */
  filesAt(from: string, to: string): readonly ImportedFile[] | string
}

const maxFiles = 1000
const maxFileBytes = 16 * 1024 * 1024
const maxBytes = 4 * maxFileBytes

/** A file as a lab has it, in which braces may stand for a value. */
const literal = (bytes: Buffer): Buffer => {
  const text = bytes.toString('latin1')
  const written = withBraces(text)
  return written === text ? bytes : Buffer.from(written, 'latin1')
}

/** The files of the folder at an absolute path. */
export function topologyFolder(folder: string): TopologyFolder {
  const real = realpathSync(folder)
  const left = { files: maxFiles, bytes: maxBytes }

  const filesAt = (from: string, to: string): readonly ImportedFile[] | string => {
    const path = resolve(real, from)
    if (!isInside(path, real)) return 'it lies outside of the folder of the topology'
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return 'there is no such file'
    if (!isInside(realpathSync(path), real)) return 'it is a link that leads out of the folder of the topology'
    if (!stats.isDirectory()) return fileAt(path, to)
    const files: ImportedFile[] = []
    for (const name of readdirSync(path).sort()) {
      const more = filesAt(join(from, name), join(to, name))
      if (typeof more === 'string') return from === '' ? more : `${join(from, name)}: ${more}`
      files.push(...more)
    }
    return files
  }

  const fileAt = (path: string, to: string): readonly ImportedFile[] | string => {
    if (left.files-- <= 0) return `there are more than ${maxFiles} files`
    const target = realpathSync(path)
    const stats = lstatSync(target)
    if (stats.isDirectory()) return 'it is a link to a folder'
    const bytes = readRegularFile(target, Math.min(maxFileBytes, left.bytes))
    if (typeof bytes === 'string') return bytes
    left.bytes -= bytes.length
    return [{ from: relative(real, path), to, bytes: literal(bytes), isExecutable: (stats.mode & 0o111) !== 0 }]
  }

  return {
    filesAt(from, to) {
      try {
        return filesAt(from, to)
      } catch (error) {
        return messageOf(error)
      }
    },
  }
}
