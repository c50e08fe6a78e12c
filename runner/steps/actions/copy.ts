import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { Copy } from '../../lab/lab.ts'
import type { VariantContext } from '../../lab/parts/variant-context.ts'
import type { Path } from '../../lab/text/diagnostics.ts'
import { readRegularFile } from '../../lab/text/read-lab-file.ts'
import { fillFile } from '../../lab/values/fill.ts'

const maxBytes = 16 * 1024 * 1024

/** Reads the files that a step copies; text files have their placeholders filled in. */
export const readCopies = (
  copy: Readonly<Record<string, string>>,
  path: Path,
  scope: VariantContext,
): readonly Copy[] =>
  Object.entries(copy).flatMap(([to, from]) => {
    const at = [...path, to]
    const bytes = readInFolder(from, at, scope)
    return bytes === undefined ? [] : [{ to, from, content: fillBytes(bytes, from, at, scope) }]
  })

function readInFolder(from: string, at: Path, { labFile, report }: VariantContext): Buffer | undefined {
  const refuse = (cause: string, hint?: string): undefined => {
    report(at, { message: `cannot copy "${from}": ${cause}`, hint })
  }
  const outside = (): undefined =>
    refuse('it lies outside of the folder of the lab', 'put the file beside the lab file')
  const file = resolve(labFile.folder, from)
  if (!isInside(file, labFile.folder)) return outside()
  try {
    const real = realpathSync(file)
    if (!isInside(real, realpathSync(labFile.folder))) return outside()
    const bytes = readRegularFile(real, maxBytes)
    return typeof bytes === 'string' ? refuse(bytes) : bytes
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return refuse(isMissing ? 'there is no such file in the folder of the lab' : messageOf(error))
  }
}

const isInside = (file: string, folder: string): boolean =>
  file.startsWith(folder.endsWith(sep) ? folder : folder + sep)

function fillBytes(bytes: Buffer, from: string, at: Path, { values, report }: VariantContext): Uint8Array {
  const text = textOf(bytes)
  if (text === undefined || !text.includes('{{')) return new Uint8Array(bytes)
  const filled = fillFile(text, values, (line, message, nearest) =>
    report(at, { message: `${message} (${from}, line ${line})`, nearest }),
  )
  return new TextEncoder().encode(filled)
}

/** Undefined for bytes that are no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
