import { describeGap, lengthOf, longestOf, micro, type Pause, pausesOf } from './gaps.ts'
import type { Arrival, Stall } from './records.ts'
import { coveredMs, stallsOf } from './stalls.ts'
import { gapFromMs, longestPauseMs, shareArrived, steadyRun } from './steady.ts'

/** A stream as it was observed while events happened; all times in the host's clock, milliseconds since 1970. */
export interface ObservedStream {
  /** What was asked, when these are requests: sent is asked, and arrived is answered. */
  readonly request?: string | undefined
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
  /** What was asked, when requests were measured and not a stream. */
  readonly request?: string
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
  /** Datagrams that the sender's own kernel refused: it had no way to send them. Requests that had no answer. */
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

/** Makes figures of an observed stream. */
export function measureOutage(stream: ObservedStream): MeasuredOutage {
  const { everyMs, events } = stream
  const { sends, refused, arrivals } = judgedPart(stream)
  const firstEventMs = events[0]?.beganMs ?? 0
  const lastEventMs = events.at(-1)?.endedMs ?? firstEventMs
  const endMs = Math.max(sends.at(-1) ?? lastEventMs, arrivals.at(-1)?.atMs ?? lastEventMs, lastEventMs)
  const warm = arrivals.reduce((least, { sequence }) => Math.min(least, sequence), arrivals[0]?.sequence ?? 0)
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
    ...(stream.request === undefined ? {} : { request: stream.request }),
    everyMs,
    resolutionMs: everyMs + stream.unheardMs,
    gapFromMs: micro(limitMs),
    sent,
    arrived: firsts.size,
    lost: Math.max(0, sent - firsts.size),
    duplicated: arrivals.length - firsts.size,
    reordered: stream.request === undefined ? reordered : 0,
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

function medianDelay(sends: readonly number[], firsts: ReadonlyMap<number, number>): number {
  const delays = [...firsts].map(([sequence, atMs]) => atMs - (sends[sequence] ?? atMs)).toSorted((a, b) => a - b)
  return Math.max(0, delays[Math.floor(delays.length / 2)] ?? 0)
}
