import { readdirSync, readFileSync } from 'node:fs'

/** The processes of a lab that is up, by their numbers. */
export interface LabProcesses {
  readonly runner: number
  readonly qemus: readonly number[]
}

/**
 * Looks for the QEMUs among a process and all that come from it. Undefined while there is none. The runner is who
 * started them.
 */
export function labProcesses(root: number): LabProcesses | undefined {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf)
  const children = Map.groupBy(all, ({ parent }) => parent)
  const below: typeof all = []
  const open = [root]
  for (const pid of open) {
    const found = children.get(pid) ?? []
    below.push(...found)
    open.push(...found.map((child) => child.pid))
  }
  const qemus = below.filter(({ name }) => name.startsWith('qemu-system'))
  const runner = qemus[0]?.parent
  return runner === undefined ? undefined : { runner, qemus: qemus.map(({ pid }) => pid) }
}

/** The processor time of a process and its threads until now, in milliseconds; the kernel counts it by 10. */
export function processorMsOf(pid: number): number {
  const fields = statOf(readFileSync(`/proc/${pid}/stat`, 'utf8')).fields
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** The processor time of this process and of all its children that have ended, and theirs, in milliseconds. */
export function ownProcessorMs(): number {
  const { fields } = statOf(readFileSync('/proc/self/stat', 'utf8'))
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * tickMs
}

/** The arguments that a process was started with. */
export const argumentsOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)

/** On Linux user space sees 100 ticks a second (times(2), USER_HZ). */
export const tickMs = 10

/** Nothing for a process that has ended meanwhile. */
function processOf(pid: string) {
  try {
    const { name, fields } = statOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return [{ pid: Number(pid), name, parent: Number(fields[1]) }]
  } catch {
    return []
  }
}

/** Name and all fields behind it, of a line as in proc_pid_stat(5): a name may have blanks and brackets in it. */
function statOf(line: string) {
  const end = line.lastIndexOf(')')
  return { name: line.slice(line.indexOf('(') + 1, end), fields: line.slice(end + 2).split(' ') }
}
