import type { Gap, ObservedEvent } from './measure.ts'
import type { Stall } from './records.ts'
import { coveredMs, stalledSince } from './stalls.ts'

/** What a gap is described by. */
interface GapContext {
  readonly everyMs: number
  readonly events: readonly ObservedEvent[]
  readonly firstEventMs: number
  readonly stalls: readonly Stall[]
}

/** A pause as a gap, with the event before it and what of it may be the machines'. */
export function describeGap(
  { fromMs, untilMs, open }: Pause,
  { everyMs, events, firstEventMs, stalls }: GapContext,
): Gap {
  // The last arrival before a failure is up to an interval older than it.
  const event = events.findLast(({ beganMs }) => beganMs <= fromMs + 2 * everyMs + 20) ?? events[0]
  return {
    fromMs: micro(fromMs - firstEventMs),
    lengthMs: micro(untilMs - fromMs),
    stalledMs: micro(coveredMs(stalls, fromMs, untilMs)),
    heldMs: micro(Math.max(0, fromMs - Math.max(stalledSince(stalls, fromMs), event?.beganMs ?? firstEventMs))),
    event: event?.event ?? '',
    afterEventMs: micro(fromMs - (event?.beganMs ?? firstEventMs)),
    open,
  }
}

/** Milliseconds to the microsecond: so far times are known. */
export const micro = (timeMs: number) => Math.round(timeMs * 1000) / 1000

/** A time between two arrivals, or from the last to the end. */
export interface Pause {
  readonly fromMs: number
  readonly untilMs: number
  readonly open: boolean
}

/** Its length in milliseconds. */
export const lengthOf = ({ fromMs, untilMs }: Pause) => untilMs - fromMs

/** The longest of some pauses, the first where several are. */
export const longestOf = (pauses: readonly Pause[]): Pause | undefined =>
  pauses.reduce<Pause | undefined>((best, one) => (best && lengthOf(best) >= lengthOf(one) ? best : one), undefined)

/** The times between one arrival and the next, and from the last to the end when that is given. */
export function pausesOf(times: readonly number[], endMs: number | undefined): readonly Pause[] {
  const pauses = times
    .slice(1)
    .map((untilMs, index): Pause => ({ fromMs: times[index] ?? untilMs, untilMs, open: false }))
  const last = times.at(-1)
  return endMs === undefined || last === undefined ? pauses : [...pauses, { fromMs: last, untilMs: endMs, open: true }]
}
