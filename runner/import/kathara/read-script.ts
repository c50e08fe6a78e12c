import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readLabFile } from '../../lab/text/read-lab-file.ts'
import { placeholders } from '../../lab/values/fill.ts'
import { whyNoPlaceholder } from '../folder.ts'
import type { Remarks } from '../remarks.ts'

/** A start-up script as the lines of a step. */
export interface Script {
  readonly lines: readonly string[]
}

/** Reads a script of the folder; nothing when there is none. */
export function readScript(folder: string, name: string, remarks: Remarks): Script {
  const path = join(folder, name)
  if (!existsSync(path)) return { lines: [] }
  const file = readLabFile(path)
  if ('message' in file) {
    const { message, hint } = file
    // An empty one does nothing, as many are.
    if (!message.endsWith('it is empty')) remarks.on(path, '').errorAt({ start: 0, end: 0 }, { message, hint })
    return { lines: [] }
  }
  for (const { 0: found, index: start } of file.text.matchAll(placeholders))
    remarks.on(path, file.text).errorAt(
      { start, end: start + found.length },
      {
        message: `cannot import "${found}": ${whyNoPlaceholder}`,
      },
    )
  return { lines: linesOf(file.text) }
}

/** The lines without the one that names a shell, and without blank ones at both ends. */
const linesOf = (text: string): readonly string[] => {
  const whole = text
    .replace(/^\ufeff/, '')
    .replaceAll('\r', '')
    .replace(/^#!.*\n?/, '')
    .replaceAll(/^\s*\n|\s+$/g, '')
  return whole === '' ? [] : whole.split('\n').map((line) => line.trimEnd())
}
