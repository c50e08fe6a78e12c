import type { ObservedStream } from './measure.ts'
import type { Arrival } from './records.ts'

/**
 * A pause between arrivals that is longer than this counts as a gap: what the machines do to a whole network, as seen
 * before the first event, is none.
 */
export const gapFromMs = (everyMs: number, longestBeforeMs: number): number =>
  Math.max(10 * everyMs, 100, 1.5 * longestBeforeMs)

/** The longest pause between two arrivals before a time. */
export function longestPauseMs(arrivals: readonly Arrival[], untilMs: number): number {
  const times = arrivals.flatMap(({ atMs }) => (atMs <= untilMs ? [atMs] : []))
  return times.reduce((longest, atMs, index) => Math.max(longest, atMs - (times[index - 1] ?? atMs)), 0)
}

/** A stretch of time without a gap, and with as many datagrams arriving as before. */
export interface SteadyRun {
  readonly lengthMs: number
  readonly lastMs: number
  /** The highest number in it; absent when nothing arrived. */
  readonly lastSequence?: number
}

/** The steady stretch at the end of the arrivals, from `fromMs` on. `share` is that which arrived before the events. */
export function steadyRun(arrivals: readonly Arrival[], limitMs: number, fromMs: number, share: number): SteadyRun {
  const last = arrivals.at(-1)
  if (last === undefined || last.atMs < fromMs) return { lengthMs: 0, lastMs: fromMs }
  let at = arrivals.length - 1
  while (at > 0) {
    const [before, after] = [arrivals[at - 1], arrivals[at]]
    if (!before || !after || before.atMs < fromMs || after.atMs - before.atMs > limitMs) break
    at--
  }
  const run = arrivals.slice(at)
  const numbers = new Set(run.map(({ sequence }) => sequence))
  const span = Math.max(...numbers) - Math.min(...numbers) + 1
  const isThin = numbers.size / span < 0.9 * share
  const start = run[0]?.atMs ?? last.atMs
  return { lengthMs: isThin ? 0 : last.atMs - start, lastMs: last.atMs, lastSequence: Math.max(...numbers) }
}

/** Share of the datagrams sent in a time that arrived; 0 when none was sent. */
export function shareArrived(stream: Pick<ObservedStream, 'sends' | 'arrivals'>, fromMs: number, untilMs: number) {
  const arrived = new Set(stream.arrivals.map(({ sequence }) => sequence))
  const meant = stream.sends.flatMap((atMs, sequence) => (atMs >= fromMs && atMs < untilMs ? [sequence] : []))
  return meant.length === 0 ? 0 : meant.filter((sequence) => arrived.has(sequence)).length / meant.length
}
