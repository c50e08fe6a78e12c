import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readLabFile } from '../../lab/text/read-lab-file.ts'
import type { Remarks } from '../remarks.ts'

/** The lines of a start-up script in the folder, as a step has them; none when there is no script. */
export function readScript(folder: string, name: string, remarks: Remarks): readonly string[] {
  const path = join(folder, name)
  // An empty one does nothing, as many are.
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return []
  const file = readLabFile(path)
  if ('message' in file) {
    const { message, hint } = file
    remarks.on(path, '').errorAt({ start: 0, end: 0 }, { message, hint })
    return []
  }
  return linesOf(file.text)
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
