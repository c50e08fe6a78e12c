import { readdirSync, readFileSync, statSync } from 'node:fs'
import { printedAsConfined } from '../../host/confinement.ts'
import { executableOf, startOf } from '../../host/process-identity.ts'
import { descriptorIn } from './descriptors.ts'

/** A QEMU that lives on without its runner. */
export interface KeptProcess {
  readonly pid: number
  /** As `startOf` says. */
  readonly start: string
  /** The runtime folder that it has open. */
  readonly folder: string
  readonly machine: string
}

/**
 * The QEMUs that were started to outlive their runner, of these runtime folders: those that have inherited one's
 * descriptor. No number of a process that was written down is believed, so none can be forged, or be that of a later
 * process; and they are found in PID namespaces within this one too.
 */
export function findKeptProcesses(folders: readonly string[]): KeptProcess[] {
  const byInode = new Map(folders.map((folder) => [inodeOf(folder), folder]))
  byInode.delete('')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const start = startOf(pid)
      const { inode, executable } = lookAt(pid)
      const folder = byInode.get(inode)
      if (folder === undefined || start === '' || !/qemu[^/]*$/.test(executable)) return []
      return [{ pid, start, folder, machine: nameOf(pid) }]
    })
}

/** What a process runs, and what it has open where a QEMU that is kept has its runtime folder. */
function lookAt(pid: number) {
  const [open, exe] = [`/proc/${pid}/fd/${descriptorIn('kept')}`, `/proc/${pid}/exe`]
  const executable = executableOf(pid)
  if (executable !== '') return { inode: inodeOf(open), executable }
  const look = ['sh', '-c', 'stat -L -c "%d %i" "$0" && readlink "$1"', open, exe]
  const [inode = '', itsExecutable = ''] = printedAsConfined(ownerOf(pid), look).split('\n')
  return { inode, executable: itsExecutable }
}

const ownerOf = (pid: number) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? 0

/** What tells a folder from all others; empty when there is none, or this user may not know. */
function inodeOf(path: string) {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    return ''
  }
}

/** A machine's name, as QEMU's option -name has it. */
function nameOf(pid: number) {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words[words.indexOf('-name') + 1]?.split(',')[0] ?? ''
  } catch {
    return ''
  }
}
