import { statfsSync } from 'node:fs'
import { hasCode, machineryError } from '../errors.ts'

/** Whether what a program printed says that there is no room left. */
export const tellsOfFullDisk = (printed: string): boolean =>
  /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/.test(printed)

/** Whether an error is that of a full disk: a program's, or one of Node's own (its `code` is that of errno(3)). */
export const isDiskFull = (error: unknown): boolean =>
  hasCode(error, 'disk-full') ||
  (hasCode(error, 'exit-code') && tellsOfFullDisk(error.detail.stderr)) ||
  (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))

/** The type of a file system in memory (statfs(2)). */
const tmpfs = 0x01021994

/**
 * What to throw in place of what was thrown while something was done ("save the machines") that writes into a folder: of
 * a full disk, an error of kind machinery which says what is full, and what to do; of all else, the same.
 */
export function explainFullDisk(words: string, folder: string, error: unknown, remedy: string): unknown {
  if (!isDiskFull(error)) return error
  const where = statfsSync(folder).type === tmpfs ? `${folder}, which lies in memory (tmpfs)` : folder
  return machineryError(`cannot ${words}: no space is left in ${where}`, remedy, error, {
    code: 'disk-full',
    detail: {},
  })
}
