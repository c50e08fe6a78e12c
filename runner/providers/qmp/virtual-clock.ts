import { hostNowMs } from '../../host/host-now.ts'
import type { Qmp } from './qmp.ts'

/**
 * The clock that a QEMU stamps captured frames by. It stands while its machine does, and goes on from where it stood
 * when that was restored from a frozen state.
 */
export interface VirtualClock {
  /**
   * Reads it, until it is known well enough; a reading while it stands still changes nothing. Returns whether QEMU
   * answered: it has then done all that it was doing when it was asked.
   */
  measure(): Promise<boolean>
  /** Host time minus its time, up to a multiple of `periodMs`; undefined when it is not known. */
  offset(): OffsetBounds | undefined
  /** The host's time before which it can't have said what it says since it goes on; 0 when it never stood. */
  sinceMs(): number
  /** Its machine is about to stand still. */
  stand(): void
  /** It goes on after it stood, since a time of the host at the earliest: another offset holds. */
  goOn(sinceMs: number): void
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

/** A reading that took so long can't say how often the timer began anew. */
const uselessMs = periodMs / 4

/** The clock of a QEMU that runs. */
export function virtualClock(qmp: Pick<Qmp, 'execute'>): VirtualClock {
  let bounds: OffsetBounds | undefined
  let stands = false
  let sinceMs = 0
  return {
    async measure() {
      const startedMs = performance.now()
      do {
        const beforeMs = hostNowMs()
        const answer = await qmp
          .execute('human-monitor-command', { 'command-line': readTimer })
          .catch((): unknown => undefined)
        if (answer === undefined) return false
        const timeMs = parseTimer(answer)
        if (timeMs === undefined) return true
        // What was asked before it stood or went on is of another offset.
        if (!stands && beforeMs >= sinceMs) bounds = narrow(bounds, { beforeMs, timeMs, afterMs: hostNowMs() })
      } while (!stands && (!bounds || widthOf(bounds) > wantedMs) && performance.now() - startedMs < longestMs)
      return true
    },
    offset: () => bounds,
    sinceMs: () => sinceMs,
    stand() {
      stands = true
    },
    goOn(since) {
      bounds = undefined
      stands = false
      sinceMs = since
    },
  }
}

/** What a reading of the timer says: 24 bits, as milliseconds. Undefined when there is no timer. */
export function parseTimer(answer: unknown): number | undefined {
  const ticks = Number(/= (0x[0-9a-f]+)/.exec(String(answer))?.[1])
  return ticks < 2 ** 24 ? ticks / ticksPerMs : undefined
}

/** Between which values an offset is, in milliseconds. */
export interface OffsetBounds {
  readonly leastMs: number
  readonly mostMs: number
}

const widthOf = ({ leastMs, mostMs }: OffsetBounds) => mostMs - leastMs

/** Bounds after one more reading, which happened between two host times; one that took too long changes nothing. */
export function narrow(
  bounds: OffsetBounds | undefined,
  { beforeMs, timeMs, afterMs }: { readonly beforeMs: number; readonly timeMs: number; readonly afterMs: number },
): OffsetBounds | undefined {
  if (afterMs - beforeMs > uselessMs) return bounds
  const read = { leastMs: beforeMs - timeMs, mostMs: afterMs - timeMs }
  if (!bounds) return read
  const begunAnew = Math.round((read.leastMs - bounds.leastMs) / periodMs) * periodMs
  const leastMs = Math.max(bounds.leastMs, read.leastMs - begunAnew)
  const mostMs = Math.min(bounds.mostMs, read.mostMs - begunAnew)
  // Bounds that exclude each other are of a clock that was changed: the newer hold.
  return leastMs <= mostMs ? { leastMs, mostMs } : read
}
