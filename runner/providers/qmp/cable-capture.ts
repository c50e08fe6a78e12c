import { type FSWatcher, openSync, watch } from 'node:fs'
import { machineryError, messageOf } from '../../errors.ts'
import type { CableCapture } from '../driver.ts'
import { hostStamps } from './host-stamps.ts'
import type { Qmp } from './qmp.ts'
import type { VirtualClock } from './virtual-clock.ts'

let captures = 0

export interface CaptureSource {
  readonly qmp: Pick<Qmp, 'execute'>
  readonly clock: VirtualClock
  /** A NIC's network backend in QEMU. */
  readonly backend: string
  /** The seconds that QEMU's time zone may be ahead of UTC by. */
  readonly zonesS: readonly number[]
  /** The path by which QEMU opens the file, where it can't by the file's own. */
  readonly pathInQemu?: string
  /** Called when QEMU has the file open, before it is opened here. */
  readonly onOpened?: () => void
}

/**
 * Keeps every frame that passes a NIC's end of its cable, both ways, as pcap in `file`. QEMU stamps frames by its
 * virtual clock, counted from the second in which the capture began; they are stamped anew in the file, by the host's.
 * A NIC or machine that is gone has ended it before.
 */
export async function startCableCapture(source: CaptureSource, file: string): Promise<CableCapture> {
  const { qmp, clock, backend, zonesS, pathInQemu = file, onOpened } = source
  const id = `capture${captures++}`
  const beforeS = secondOf(Date.now())
  await qmp.execute('object-add', { 'qom-type': 'filter-dump', id, netdev: backend, file: pathInQemu })
  onOpened?.()
  const begunS = [...new Set([beforeS, secondOf(Date.now())])].flatMap((second) => zonesS.map((zone) => second - zone))
  await clock.measure()
  const stop = () => qmp.execute('object-del', { id }).catch(() => {})
  const stamps = hostStamps(await openWritten(file, stop), begunS, clock)
  let watcher: FSWatcher | undefined
  const unwatch = () => {
    watcher?.close()
    watcher = undefined
  }
  return {
    settle: () => stamps.settle(),
    async standStill() {
      await stamps.settle()
      stamps.stampArrivals(true)
      watcher = watch(file, { persistent: false }, () => void stamps.settle().catch(() => {}))
      await stamps.settle()
    },
    async goOn() {
      unwatch()
      await stamps.settle()
      stamps.stampArrivals(false)
      await clock.measure()
    },
    async end() {
      await stop()
      unwatch()
      await stamps.settle()
      stamps.close()
    },
  }
}

/** Opens what QEMU has begun to write; it may be another user's. */
async function openWritten(file: string, stop: () => Promise<unknown>): Promise<number> {
  try {
    return openSync(file, 'r+')
  } catch (error) {
    await stop()
    throw machineryError(`cannot give the frames in ${file} the host's time: ${messageOf(error)}`, undefined, error)
  }
}

const secondOf = (timeMs: number) => Math.floor(timeMs / 1000)
