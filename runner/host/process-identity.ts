import { readFileSync, readlinkSync } from 'node:fs'

/**
 * When a process started, in clock ticks since boot (proc(5), field 22), which tells it from a later one with the same
 * number; '' when it is gone or a zombie.
 */
export function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

/** The file that a process runs; '' when it is gone, or another user's. */
export function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}

/** The boot of this host and the PID namespace of this process: numbers of processes mean something in these alone. */
export function processSpace(): { readonly boot: string; readonly namespace: string } {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll(/[^0-9a-f]/g, '')
  return { boot, namespace: readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '') }
}
