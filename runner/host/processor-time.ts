import { readFileSync } from 'node:fs'

/** A clock tick in /proc is always a hundredth of a second (proc(5), USER_HZ). */
const tickMs = 10

/** How long a process has had processors, in milliseconds; 0 when it is gone. */
export function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    return 0
  }
}
