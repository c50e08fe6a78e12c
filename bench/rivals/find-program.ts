import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The path of a program in PATH, or where Debian has those of root; undefined when there is none. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
