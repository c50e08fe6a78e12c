import { readdirSync, readFileSync } from 'node:fs'
import { hostNowMs } from '../../host/host-now.ts'
import type { ProcessorWait, ProcessorWatch } from '../provider.ts'

/** How often it is looked, and which wait is long enough to count. */
const everyMs = 20
const leastMs = 10

/**
 * Watches how long the threads that make up machines wait for a processor while they could run: those of the virtual
 * processors, and QEMU's main thread, which carries the frames. `pids` returns the QEMUs that run at a time, each with
 * its machine.
 * The kernel counts the waits of each thread (Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat).
 */
export function watchProcessorWaits(pids: () => ReadonlyMap<number, string>): ProcessorWatch {
  const waits: ProcessorWait[] = []
  let stalledMs = 0
  const threads = new Map<number, Threads>()
  const known = new Map<string, number>()
  const look = () => {
    const nowMs = hostNowMs()
    let longestMs = 0
    let longest = ''
    for (const [pid, machine] of pids()) {
      const cached = threads.get(pid)
      // A QEMU that has just started makes its virtual processors in a moment.
      const found = cached?.complete ? cached : threadsOf(pid)
      threads.set(pid, found)
      for (const file of found.files) {
        const waitedMs = waitedOf(file)
        if (waitedMs === undefined) continue
        const sinceMs = waitedMs - (known.get(file) ?? waitedMs)
        known.set(file, waitedMs)
        if (sinceMs <= longestMs) continue
        longestMs = sinceMs
        longest = machine
      }
    }
    // All that was counted since the last look ends now, so the longest wait covers the others.
    const fromMs = Math.max(nowMs - longestMs, waits.at(-1)?.untilMs ?? 0)
    if (longestMs < leastMs || fromMs >= nowMs) return
    waits.push({ machine: longest, fromMs, untilMs: nowMs })
    stalledMs += nowMs - fromMs
  }
  look()
  const timer = setInterval(look, everyMs)
  return {
    stalledMs: () => stalledMs,
    waits() {
      look()
      return waits
    },
    end() {
      clearInterval(timer)
      look()
      return waits
    },
  }
}

/** Where the kernel accounts for the threads to watch; complete when the virtual processors are among them. */
interface Threads {
  readonly files: readonly string[]
  readonly complete: boolean
}

/**
 * The threads of a QEMU that matter, none when it has ended. Where none has the name of a virtual processor ("CPU
 * 0/KVM", which QEMU gives only with `-name NAME,debug-threads=on`), all its threads: rather too many than none.
 */
function threadsOf(pid: number): Threads {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
    const processors = threads.filter((path) => readFileSync(`${path}/comm`, 'utf8').startsWith('CPU '))
    const complete = processors.length > 0
    const watched = complete ? [`/proc/${pid}/task/${pid}`, ...processors] : threads
    return { files: watched.map((path) => `${path}/schedstat`), complete }
  } catch {
    return { files: [], complete: false }
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
