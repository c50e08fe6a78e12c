import { hostNowMs } from '../../host/host-now.ts'
import type { Qmp } from './qmp.ts'

/**
 * The clock that a QEMU stamps captured frames by. It stands while its machine does, and goes on from where it stood
 * when that was restored from a frozen state.
 */
export interface VirtualClock {
  /** Reads it, unless it stands still or is known well enough; what QEMU does not answer changes nothing. */
  measure(): Promise<void>
  /** Host time minus its time, in milliseconds and up to a multiple of `periodMs`; undefined when it was never read. */
  offsetMs(): number | undefined
  /** Its machine stands still from now on. */
  stand(): void
  /** It goes on after it stood: another offset holds. */
  goOn(): void
}

/**
 * The ACPI power management timer counts it, in 24 bits at 3.579545 MHz (ACPI specification, 4.8.3.3). Firmware puts
 * it at this port on both of QEMU's PCs.
 */
const readTimer = 'i /w 0x608'
const ticksPerMs = 3579.545

/** After so many milliseconds the timer begins anew. */
export const periodMs = 2 ** 24 / ticksPerMs

/** Readings are repeated until the offset is known so exactly, or for so long; a busy host is slow to answer. */
const wantedMs = 0.2
const longestMs = 200

/** The clock of a QEMU that runs. */
export function virtualClock(qmp: Pick<Qmp, 'execute'>): VirtualClock {
  let bounds: OffsetBounds | undefined
  let stands = false
  return {
    async measure() {
      const startedMs = performance.now()
      while (!stands && (!bounds || widthOf(bounds) > wantedMs) && performance.now() - startedMs < longestMs) {
        const beforeMs = hostNowMs()
        const answer = await qmp
          .execute('human-monitor-command', { 'command-line': readTimer })
          .catch((): unknown => undefined)
        const timeMs = parseTimer(answer)
        if (timeMs === undefined) return
        if (!stands) bounds = narrow(bounds, { beforeMs, timeMs, afterMs: hostNowMs() })
      }
    },
    offsetMs: () => bounds && (bounds.leastMs + bounds.mostMs) / 2,
    stand() {
      stands = true
    },
    goOn() {
      bounds = undefined
      stands = false
    },
  }
}

/** What a reading of the timer says: 24 bits, as milliseconds. Undefined when there is no timer. */
export function parseTimer(answer: unknown): number | undefined {
  const ticks = Number(/= (0x[0-9a-f]+)/.exec(String(answer))?.[1])
  return ticks < 2 ** 24 ? ticks / ticksPerMs : undefined
}

/** Between which values an offset is. */
export interface OffsetBounds {
  readonly leastMs: number
  readonly mostMs: number
}

const widthOf = ({ leastMs, mostMs }: OffsetBounds) => mostMs - leastMs

/** Bounds after one more reading, which happened between two host times. */
export function narrow(
  bounds: OffsetBounds | undefined,
  { beforeMs, timeMs, afterMs }: { readonly beforeMs: number; readonly timeMs: number; readonly afterMs: number },
): OffsetBounds {
  const read = { leastMs: beforeMs - timeMs, mostMs: afterMs - timeMs }
  if (!bounds) return read
  const begunAnew = Math.round((read.leastMs - bounds.leastMs) / periodMs) * periodMs
  const leastMs = Math.max(bounds.leastMs, read.leastMs - begunAnew)
  const mostMs = Math.min(bounds.mostMs, read.mostMs - begunAnew)
  // Bounds that exclude each other are of a clock that was changed: the newer hold.
  return leastMs <= mostMs ? { leastMs, mostMs } : read
}
