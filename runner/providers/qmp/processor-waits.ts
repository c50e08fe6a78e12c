import { readdirSync, readFileSync } from 'node:fs'
import type { TimeSpan } from '../provider.ts'

/** How often it is looked, and which wait is long enough to count. */
const everyMs = 20
const leastMs = 10

/**
 * Watches how long the threads that make up machines wait for a processor while they could run: those of the virtual
 * processors, and QEMU's main thread, which carries the frames. `pids` returns the QEMUs that run at a time.
 * The kernel counts the waits of each thread (Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat).
 */
export function watchProcessorWaits(pids: () => readonly number[]): { end(): readonly TimeSpan[] } {
  const waits: TimeSpan[] = []
  const threads = new Map<number, readonly string[]>()
  const known = new Map<string, number>()
  const look = () => {
    const nowMs = performance.timeOrigin + performance.now()
    for (const pid of pids()) {
      const files = threads.get(pid) ?? filesOf(pid)
      threads.set(pid, files)
      for (const file of files) {
        const waitedMs = waitedOf(file)
        if (waitedMs === undefined) continue
        const sinceMs = waitedMs - (known.get(file) ?? waitedMs)
        known.set(file, waitedMs)
        if (sinceMs >= leastMs) waits.push({ fromMs: nowMs - sinceMs, untilMs: nowMs })
      }
    }
  }
  look()
  const timer = setInterval(look, everyMs)
  return {
    end() {
      clearInterval(timer)
      look()
      return waits
    },
  }
}

/** Where the kernel accounts for a QEMU's threads that matter; none when it has ended. */
function filesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => `/proc/${pid}/task/${thread}`)
      .filter((path) => path.endsWith(`/${pid}`) || readFileSync(`${path}/comm`, 'utf8').startsWith('CPU '))
      .map((path) => `${path}/schedstat`)
  } catch {
    return []
  }
}

/** The time that a thread has waited since it began, in milliseconds; undefined when it has ended, or nobody counts. */
export function waitedOf(file: string): number | undefined {
  try {
    const nanoseconds = readFileSync(file, 'utf8').split(' ')[1]
    return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6
  } catch {
    return undefined
  }
}
