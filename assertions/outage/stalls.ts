import type { Stall } from './records.ts'

/** Two times so close are one: waits are looked for as often. */
const justMs = 20

/** Times in which the sender did not get its turn: what lies between two sends beyond the interval. */
export const stallsOf = (sends: readonly number[], everyMs: number): readonly Stall[] =>
  sends.slice(1).flatMap((atMs, index) => {
    const before = sends[index]
    if (before === undefined || atMs - before <= everyMs + Math.max(everyMs, 20)) return []
    return [{ fromMs: before + everyMs, untilMs: atMs }]
  })

/** How much of a time lies in any of the stalls. */
export function coveredMs(stalls: readonly Stall[], fromMs: number, untilMs: number): number {
  let covered = 0
  let reached = fromMs
  for (const stall of stalls.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const end = Math.min(stall.untilMs, untilMs)
    const start = Math.max(stall.fromMs, reached)
    if (end <= start) continue
    covered += end - start
    reached = end
  }
  return covered
}

/** When the stall began that lasts at a time or has just ended, with those that it followed at once; else that time. */
export function stalledSince(stalls: readonly Stall[], atMs: number): number {
  let sinceMs = atMs
  for (const { fromMs, untilMs } of stalls.toSorted((left, right) => right.untilMs - left.untilMs))
    if (fromMs < sinceMs && untilMs >= sinceMs - justMs) sinceMs = fromMs
  return sinceMs
}
