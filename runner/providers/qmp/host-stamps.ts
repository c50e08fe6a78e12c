import { closeSync, fstatSync } from 'node:fs'
import { hostNowMs } from '../../host/host-now.ts'
import { changeStamps, firstRecord, lastStamp } from './pcap-stamps.ts'
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
  close(): void
}

/**
 * @param fd the capture, open for reading and writing; closed by `close`
 * @param begunS the seconds since 1970 from which QEMU may count: that in which the capture began, by its time zone
 */
export function hostStamps(fd: number, begunS: readonly number[], clock: VirtualClock): HostStamps {
  let settled = firstRecord
  let arrivals = false
  /** What is to be added to QEMU's stamps. */
  let addedMs: number | undefined
  let busy = Promise.resolve()

  async function settle() {
    if (arrivals) return change(fstatSync(fd).size, () => hostNowMs())
    const { size, mtimeMs } = await lookAt(fd, clock)
    const stampMs = lastStamp({ fd, from: settled, until: size })
    if (stampMs === undefined) return
    const nearMs = mtimeMs - stampMs
    const added = addedMs ?? nearest(nearMs, begunS, clock.offsetMs())
    addedMs = added
    change(size, (each) => each + added)
  }
  function change(until: number, stamp: (stampMs: number) => number) {
    settled = changeStamps({ fd, from: settled, until }, stamp)
  }

  return {
    settle() {
      busy = busy.catch(() => {}).then(settle)
      return busy.then(() => settled)
    },
    stampArrivals(wanted) {
      arrivals = wanted
      addedMs = undefined
    },
    close: () => closeSync(fd),
  }
}

/**
 * The size of a capture and when its last frame was written. What QEMU was writing when it was looked at it has written
 * when it answers, so what is the same before and after belongs together.
 */
async function lookAt(fd: number, clock: VirtualClock) {
  for (let looks = 1; ; looks++) {
    const before = fstatSync(fd)
    await clock.measure()
    if (looks === 5 || fstatSync(fd).mtimeMs === before.mtimeMs) return before
  }
}

/**
 * What is to be added to QEMU's stamps, exactly: a stamp is its virtual time, and the second from which it counts. The
 * offset of that time is known up to a multiple of its period, so the nearest is taken to what the file's time says,
 * which is late by some milliseconds at most (kernels stamp files by their tick), or that itself without an offset.
 */
export function nearest(nearMs: number, begunS: readonly number[], offsetMs: number | undefined): number {
  if (offsetMs === undefined) return nearMs
  const distances = begunS.map((second) => {
    const exactMs = offsetMs - second * 1000
    return exactMs + Math.round((nearMs - exactMs) / periodMs) * periodMs
  })
  return distances.reduce((best, each) => (Math.abs(each - nearMs) < Math.abs(best - nearMs) ? each : best))
}
