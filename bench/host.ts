import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { ownProcessorMs, tickMs } from './processes.ts'

/** How busy the host was with other things. */
export interface HostLoad {
  readonly loadAtStart: number
  /** That of the measurements is in it. */
  readonly loadAtEnd: number
  /** The share of the processors' time that went to what these measurements did not start. */
  readonly othersShare: number
}

/** The host, as it stands in a record. */
export const hostFacts = () => ({ processors: cpus().length, memoryMiB: Math.round(totalmem() / 1024 ** 2) })

/** Begins to watch the host. Returns what tells of it until then. */
export function watchHost(): () => HostLoad {
  const loadAtStart = loadNow()
  const started = { atMs: performance.now(), busyMs: busyMs(), ownMs: ownProcessorMs() }
  return () => {
    const allMs = (performance.now() - started.atMs) * cpus().length
    const othersMs = busyMs() - started.busyMs - (ownProcessorMs() - started.ownMs)
    return { loadAtStart, loadAtEnd: loadNow(), othersShare: Math.max(0, othersMs / allMs) }
  }
}

/** Why figures of such a host are not to be trusted; undefined when it was quiet. */
export function whyNotQuiet({ loadAtStart, othersShare }: HostLoad, processors: number): string | undefined {
  if (loadAtStart > quietShare * processors * 5)
    return `the host was not quiet: its load was ${loadAtStart.toFixed(2)} at the start`
  if (othersShare > quietShare)
    return `the host was not quiet: other things took ${(othersShare * 100).toFixed(0)} % of its processors`
  return undefined
}

const quietShare = 0.05

const loadNow = () => loadavg()[0] ?? 0

/** All that the processors did since boot, and what a hypervisor took from them, in milliseconds (proc_stat(5)). */
function busyMs(): number {
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number)
  return (user + nice + system + irq + softirq + steal) * tickMs
}
