import type { Clock } from '../host/deadline.ts'
import type { ProcessorWait, Testbed } from './provider.ts'

/**
 * How much slower than the host's the machines' clock may run. Where a host holds its machines up for good, limits end
 * all the same, after so many times as long.
 */
export const slowest = 5

/** A clock that stands still while a machine waits for a processor of the host: limits are counted by it. */
export interface MachineClock extends Clock {
  /** When machines waited for a processor, since it was started. */
  waits(): readonly ProcessorWait[]
  /** Ends the watch that it needs. */
  end(): void
}

/** Starts a clock of the time in which all machines of a testbed could run. */
export function machineClock(testbed: Pick<Testbed, 'watchProcessorWaits'>): MachineClock {
  const watch = testbed.watchProcessorWaits()
  let hostMs = performance.now()
  let stalledMs = watch.stalledMs()
  let ranMs = 0
  return {
    nowMs() {
      const [nowMs, stalledNowMs] = [performance.now(), watch.stalledMs()]
      const passedMs = nowMs - hostMs
      ranMs += Math.max(passedMs - (stalledNowMs - stalledMs), passedMs / slowest)
      hostMs = nowMs
      stalledMs = stalledNowMs
      return ranMs
    },
    waits: () => watch.waits(),
    end() {
      watch.end()
    },
  }
}
