import { closeSync, fstatSync, ftruncateSync } from 'node:fs'
import { hostNowMs } from '../../host/host-now.ts'
import { type Added, addedBy, type Seen } from './added-time.ts'
import { changeStamps, firstRecord, stampSpan } from './pcap-stamps.ts'
import { periodMs, type VirtualClock } from './virtual-clock.ts'

/** Stamps a capture's frames anew, by the host's clock, in the file to which QEMU appends them. */
export interface HostStamps {
  /** Stamps all frames that QEMU has written so far. Returns where in the file the next one begins. */
  settle(): Promise<number>
  /**
   * Frames from now on have the time at which they are settled: while a machine stands still its clock does, and
   * frames still reach its NIC. Or again that of QEMU's clock, when that goes on.
   */
  stampArrivals(arrivals: boolean): void
  /**
   * Closes the file, without what of a frame may be at its end. Returns false when nobody knows how often QEMU's timer
   * had begun anew.
   */
  close(): boolean
}

/** How often a capture is looked at, until its stamps are sure; often against the timer that begins anew. */
const lookEveryMs = 500

/** What a capture's stamps began with. */
export interface Begun {
  /** The seconds since 1970 from which QEMU may count: that in which the capture began, by its time zone. */
  readonly begunS: readonly number[]
  /** The host's time before that. */
  readonly beforeMs: number
}

/** @param fd the capture, open for reading and writing; closed by `close` */
export function hostStamps(
  fd: number,
  { begunS, beforeMs }: Begun,
  clock: VirtualClock,
  now: () => number = hostNowMs,
): HostStamps {
  let settled = firstRecord
  let arrivals = false
  /** What is added to QEMU's stamps, from which frame on. */
  let added: Added | undefined
  let addedFrom = firstRecord
  let wasSure = true
  /** Frames that are not settled were stamped later. */
  let wholeMs = beforeMs
  let busy = Promise.resolve()

  async function settle() {
    if (arrivals) return change(fstatSync(fd).size, () => now())
    const look = await lookAt(fd, clock, now)
    const span = stampSpan({ fd, from: settled, until: look.size })
    if (span) {
      if (!isSure(added)) learn({ ...look, ...span, sinceMs: Math.max(wholeMs, clock.sinceMs()) })
      const { addedMs = 0 } = added ?? {}
      change(look.size, (each) => each + addedMs)
    }
    if (look.isWhole) wholeMs = look.askedMs
  }
  function learn(seen: Seen) {
    const former = added
    added = addedBy(seen, begunS, clock.offset(), former)
    const missedMs = added.addedMs - (former ?? added).addedMs
    if (missedMs !== 0) changeStamps({ fd, from: addedFrom, until: settled }, (each) => each + missedMs)
  }
  function change(until: number, stamp: (stampMs: number) => number) {
    settled = changeStamps({ fd, from: settled, until }, stamp)
  }
  function settleNext() {
    busy = busy.catch(() => {}).then(settle)
    return busy
  }
  const timer = setInterval(() => {
    if (!arrivals && !isSure(added)) settleNext().catch(() => {})
  }, lookEveryMs).unref()

  return {
    settle: () => settleNext().then(() => settled),
    stampArrivals(wanted) {
      wasSure &&= mayStand(added)
      arrivals = wanted
      added = undefined
      addedFrom = settled
    },
    close() {
      clearInterval(timer)
      ftruncateSync(fd, settled)
      closeSync(fd)
      return wasSure && mayStand(added)
    },
  }
}

const isSure = (added: Added | undefined) => added?.apartMs === 0

/** Of times that are nearer to each other than the timer's period the file's own is good enough to choose one. */
const mayStand = (added: Added | undefined) => (added?.apartMs ?? 0) < periodMs / 2

/** What a look at a capture finds. */
interface Look {
  readonly size: number
  /** When its last frame was written, by the file's time. */
  readonly mtimeMs: number
  /** The host's times before and after the look. */
  readonly askedMs: number
  readonly seenMs: number
  /** No frame was on its way into the file: those that it lacks were stamped after `askedMs`. */
  readonly isWhole: boolean
}

/**
 * Looks at a capture. What QEMU was writing when it was looked at it has written when it answers, so what is the same
 * before and after belongs together.
 */
async function lookAt(fd: number, clock: VirtualClock, now: () => number): Promise<Look> {
  for (let looks = 1; ; looks++) {
    const askedMs = now()
    const { size, mtimeMs } = fstatSync(fd)
    const seenMs = now()
    const answers = await clock.measure()
    const after = fstatSync(fd)
    const isWhole = answers && after.size === size && after.mtimeMs === mtimeMs
    if (isWhole || looks === 5) return { size, mtimeMs, askedMs, seenMs, isWhole }
  }
}
