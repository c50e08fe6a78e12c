import type { Arrival, Stall } from './records.ts'

/** A stream as it was observed while events happened; all times in the host's clock, milliseconds since 1970. */
export interface ObservedStream {
  readonly everyMs: number
  /** When each datagram was sent, by its number. */
  readonly sends: readonly number[]
  readonly refused: readonly { readonly sequence: number; readonly reason: string }[]
  readonly arrivals: readonly Arrival[]
  /** Times in which a receiver did not get its turn. */
  readonly stalls: readonly Stall[]
  /** The events; at least one. */
  readonly events: readonly ObservedEvent[]
  /** How long after the last event the stream may begin to flow again. */
  readonly withinMs: number
  /** How long the stream must flow at the end to count as recovered. */
  readonly steadyMs: number
  /**
   * The last datagram that is judged: with it the stream had been seen steady for long enough. Those after it are sent
   * while the ends are being ended, and what delays them then says nothing. Absent when the stream was never steady.
   */
  readonly lastSequence?: number | undefined
  /** How much later than it was a gap can seem to begin or end besides the interval: a receiver died unheard. */
  readonly unheardMs: number
}

export interface ObservedEvent {
  readonly event: string
  readonly beganMs: number
  readonly endedMs: number
}

/** What came of a stream. Times of gaps and events are counted from the first event. */
export interface MeasuredOutage {
  readonly everyMs: number
  /** No gap is known better than this. */
  readonly resolutionMs: number
  /** A pause between arrivals that is longer counts as a gap. */
  readonly gapFromMs: number
  /** From the first datagram that arrived on: those before it waited for neighbours to be found. */
  readonly sent: number
  readonly arrived: number
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
  /** Datagrams that the sender's own kernel refused: it had no way to send them. */
  readonly refused: number
  readonly refusals: readonly string[]
  /** Share of the datagrams that arrived before the first event. */
  readonly arrivedBefore: number
  /** The longest pause between two arrivals before the first event: what this machine makes of a whole network. */
  readonly longestBeforeMs: number
  readonly longestGap: Gap
  /** All gaps after the first event, in order. */
  readonly gaps: readonly Gap[]
  /** The stream flowed as before the first event at the end, for as long as was asked. */
  readonly recovered: boolean
  /** How long it had to flow at the end, and how long after the last event it had time for that. */
  readonly steadyMs: number
  readonly withinMs: number
  /** For how long after the last event all machines got their turn. */
  readonly ranMs: number
  readonly events: readonly { readonly event: string; readonly atMs: number }[]
  /** The time in which datagrams were sent. */
  readonly fromMs: number
  readonly untilMs: number
  /** The first event by the host's clock, milliseconds since 1970. */
  readonly firstEventMs: number
}

export interface Gap {
  readonly fromMs: number
  readonly lengthMs: number
  /**
   * How much of it sender or receivers did not get their turn: so much of it may be the machines' and not the
   * network's.
   */
  readonly stalledMs: number
  /** How much earlier it may have begun: a machine that did not get its turn held up what arrived last before it. */
  readonly heldMs: number
  /** The last event before it, and how long after that event it began; a little less than 0 when the event began it. */
  readonly event: string
  readonly afterEventMs: number
  /** It lasts until the end of the observation. */
  readonly open: boolean
}

/** Two times so close are one: waits are looked for as often. */
const justMs = 20

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

/** Makes figures of an observed stream. */
export function measureOutage(stream: ObservedStream): MeasuredOutage {
  const { everyMs, events } = stream
  const { sends, refused, arrivals } = judgedPart(stream)
  const firstEventMs = events[0]?.beganMs ?? 0
  const lastEventMs = events.at(-1)?.endedMs ?? firstEventMs
  const endMs = Math.max(sends.at(-1) ?? lastEventMs, arrivals.at(-1)?.atMs ?? lastEventMs, lastEventMs)
  const warm = arrivals[0]?.sequence ?? 0
  // What is sent last before the event may be on its way when it happens. But when all came after it, nothing flowed:
  // a card without a carrier keeps what it is given, and sends it when its cable is mended.
  const flowed = (arrivals[0]?.atMs ?? firstEventMs) < firstEventMs
  const before = flowed ? shareArrived({ sends, arrivals }, sends[warm] ?? firstEventMs, firstEventMs - 100) : 0

  const { firsts, reordered } = firstArrivals(arrivals)
  const longestBeforeMs = longestPauseMs(arrivals, firstEventMs)
  const limitMs = gapFromMs(everyMs, longestBeforeMs)
  const tail = steadyRun(arrivals, limitMs, lastEventMs, before)
  const flowsAtEnd = endMs - tail.lastMs < limitMs + medianDelay(sends, firsts) && tail.lengthMs > 0
  const pauses = pausesOf([...firsts.values()], flowsAtEnd ? undefined : endMs)
  const after = pauses.filter(({ untilMs }) => untilMs > firstEventMs)
  const stalls = [...stream.stalls, ...stallsOf(sends, everyMs)]
  const gapOf = (pause: Pause) => describeGap(pause, { everyMs, events, firstEventMs, stalls })

  const refusedSince = refused.filter(({ sequence }) => sequence >= warm)
  const sent = sends.filter((atMs, sequence) => atMs !== undefined && sequence >= warm).length
  return {
    everyMs,
    resolutionMs: everyMs + stream.unheardMs,
    gapFromMs: micro(limitMs),
    sent,
    arrived: firsts.size,
    lost: Math.max(0, sent - firsts.size),
    duplicated: arrivals.length - firsts.size,
    reordered,
    refused: refusedSince.length,
    refusals: [...new Set(refusedSince.map(({ reason }) => reason))],
    arrivedBefore: before,
    longestBeforeMs: micro(longestBeforeMs),
    longestGap: gapOf(longestOf(after) ?? { fromMs: firstEventMs, untilMs: endMs, open: true }),
    gaps: after.filter((pause) => lengthOf(pause) > limitMs).map(gapOf),
    recovered: flowsAtEnd && before > 0 && tail.lengthMs >= stream.steadyMs,
    steadyMs: stream.steadyMs,
    withinMs: stream.withinMs,
    ranMs: micro(endMs - lastEventMs - coveredMs(stalls, lastEventMs, endMs)),
    events: events.map(({ event, beganMs }) => ({ event, atMs: micro(beganMs - firstEventMs) })),
    fromMs: micro((sends[0] ?? firstEventMs) - firstEventMs),
    untilMs: micro(endMs - firstEventMs),
    firstEventMs,
  }
}

/** What was sent, refused and received up to the last datagram that is judged; arrivals in the order of their times. */
function judgedPart({ sends, refused, arrivals, lastSequence = Number.POSITIVE_INFINITY }: ObservedStream) {
  const isJudged = ({ sequence }: { readonly sequence: number }) => sequence <= lastSequence
  return {
    sends: sends.slice(0, lastSequence + 1),
    refused: refused.filter(isJudged),
    arrivals: arrivals.filter(isJudged).toSorted((left, right) => left.atMs - right.atMs),
  }
}

/** When each datagram arrived first, in the order of arrival, and how many of these came behind a later one. */
function firstArrivals(arrivals: readonly Arrival[]) {
  const firsts = new Map<number, number>()
  let highest = -1
  let reordered = 0
  for (const { sequence, atMs } of arrivals) {
    if (firsts.has(sequence)) continue
    firsts.set(sequence, atMs)
    if (sequence < highest) reordered++
    highest = Math.max(highest, sequence)
  }
  return { firsts, reordered }
}

interface GapContext {
  readonly everyMs: number
  readonly events: readonly ObservedEvent[]
  readonly firstEventMs: number
  readonly stalls: readonly Stall[]
}

function describeGap({ fromMs, untilMs, open }: Pause, { everyMs, events, firstEventMs, stalls }: GapContext): Gap {
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

/** Times are known to the microsecond. */
const micro = (timeMs: number) => Math.round(timeMs * 1000) / 1000

interface Pause {
  readonly fromMs: number
  readonly untilMs: number
  readonly open: boolean
}

const lengthOf = ({ fromMs, untilMs }: Pause) => untilMs - fromMs

/** The longest of some pauses, the first where several are. */
const longestOf = (pauses: readonly Pause[]): Pause | undefined =>
  pauses.reduce<Pause | undefined>((best, one) => (best && lengthOf(best) >= lengthOf(one) ? best : one), undefined)

/** The times between one arrival and the next, and from the last to the end when that is given. */
function pausesOf(times: readonly number[], endMs: number | undefined): readonly Pause[] {
  const pauses = times
    .slice(1)
    .map((untilMs, index): Pause => ({ fromMs: times[index] ?? untilMs, untilMs, open: false }))
  const last = times.at(-1)
  return endMs === undefined || last === undefined ? pauses : [...pauses, { fromMs: last, untilMs: endMs, open: true }]
}

/** Times in which the sender did not get its turn: what lies between two sends beyond the interval. */
const stallsOf = (sends: readonly number[], everyMs: number): readonly Stall[] =>
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
function stalledSince(stalls: readonly Stall[], atMs: number): number {
  let sinceMs = atMs
  for (const { fromMs, untilMs } of stalls.toSorted((left, right) => right.untilMs - left.untilMs))
    if (fromMs < sinceMs && untilMs >= sinceMs - justMs) sinceMs = fromMs
  return sinceMs
}

function medianDelay(sends: readonly number[], firsts: ReadonlyMap<number, number>): number {
  const delays = [...firsts].map(([sequence, atMs]) => atMs - (sends[sequence] ?? atMs)).toSorted((a, b) => a - b)
  return Math.max(0, delays[Math.floor(delays.length / 2)] ?? 0)
}
