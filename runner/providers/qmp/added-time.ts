import type { StampSpan } from './pcap-stamps.ts'
import { type OffsetBounds, periodMs } from './virtual-clock.ts'

/** What is added to QEMU's stamps, in milliseconds, and what is known of that. */
export interface Added {
  readonly addedMs: number
  readonly leastMs: number
  readonly mostMs: number
  /** How far apart the values are that it may be; 0 when it is sure. */
  readonly apartMs: number
}

/** Frames that were found in a capture. */
export interface Seen extends StampSpan {
  /** The host's times between which all of them were stamped. */
  readonly sinceMs: number
  readonly seenMs: number
  /** When the last was written, by the file's time. */
  readonly mtimeMs: number
}

/** The host's times are known so well: clocks of the host itself are read one after the other. */
const inexactMs = 2

/**
 * What is to be added to QEMU's stamps, exactly: a stamp is its virtual time, and the second from which it counts. The
 * offset of that time is known up to a multiple of its period, and which it is the times say between which frames were
 * stamped. Where they leave a choice it is the nearest to the file's time, which is late by a tick of the kernel, or by
 * as long as QEMU was held up before it wrote; frames that come later may then leave none.
 */
export function addedBy(seen: Seen, begunS: readonly number[], offset?: OffsetBounds, former?: Added): Added {
  const nearMs = seen.mtimeMs - seen.lastMs
  const leastMs = Math.max(seen.sinceMs - seen.firstMs, former?.leastMs ?? Number.NEGATIVE_INFINITY)
  const mostMs = Math.min(seen.seenMs - seen.lastMs, former?.mostMs ?? Number.POSITIVE_INFINITY)
  // The file's time is of the host's clock as it is set now.
  const withinMs = Math.min(Math.max(nearMs, leastMs), mostMs)
  if (!offset) return { leastMs, mostMs, addedMs: former?.addedMs ?? withinMs, apartMs: mostMs - leastMs }
  const slackMs = (offset.mostMs - offset.leastMs) / 2 + inexactMs
  const exactMs = begunS.map((second) => (offset.leastMs + offset.mostMs) / 2 - second * 1000)
  const values = exactMs.flatMap((each) => valuesBetween(leastMs - slackMs, mostMs + slackMs, each))
  const apartMs = Math.max(...values) - Math.min(...values)
  if (values.length > 0) return { leastMs, mostMs, addedMs: nearestOf(values, nearMs), apartMs }
  // No time fits what was known: later frames say more.
  const near = exactMs.map((each) => each + Math.round((nearMs - each) / periodMs) * periodMs)
  const unbounded = { leastMs: Number.NEGATIVE_INFINITY, mostMs: Number.POSITIVE_INFINITY }
  return { ...unbounded, addedMs: nearestOf(near, nearMs), apartMs: Number.POSITIVE_INFINITY }
}

/** The values between two that are a multiple of the period away from one. */
function valuesBetween(leastMs: number, mostMs: number, oneMs: number): number[] {
  const first = Math.ceil((leastMs - oneMs) / periodMs)
  const count = Math.floor((mostMs - oneMs) / periodMs) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, at) => oneMs + (first + at) * periodMs)
}

const nearestOf = (values: readonly number[], nearMs: number) =>
  values.reduce((best, each) => (Math.abs(each - nearMs) < Math.abs(best - nearMs) ? each : best))
