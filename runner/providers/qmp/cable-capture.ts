import { type FSWatcher, openSync, statfsSync, watch } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { machineryError, messageOf } from '../../errors.ts'
import { hostNowMs } from '../../host/host-now.ts'
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
  /** How often QEMU has said that it gives a capture up; absent where nobody hears it. */
  givenUp?(): number
  /** Called when QEMU has the file open, before it is opened here. */
  readonly onOpened?: () => void
}

/**
 * Keeps every frame that passes a NIC's end of its cable, both ways, as pcap in `file`. QEMU stamps frames by its
 * virtual clock, counted from the second in which the capture began; they are stamped anew in the file, by the host's.
 * A NIC or machine that is gone has ended it before.
 */
export async function startCableCapture(source: CaptureSource, file: string): Promise<CableCapture> {
  const { qmp, clock, backend, zonesS, pathInQemu = file, onOpened, givenUp } = source
  const id = `capture${captures++}`
  const beforeMs = hostNowMs()
  const before = givenUp?.()
  const beforeS = secondOf(Date.now())
  await qmp.execute('object-add', { 'qom-type': 'filter-dump', id, netdev: backend, file: pathInQemu })
  onOpened?.()
  const begunS = [...new Set([beforeS, secondOf(Date.now())])].flatMap((second) => zonesS.map((zone) => second - zone))
  await clock.measure()
  const stop = () => qmp.execute('object-del', { id }).catch(() => {})
  const stamps = hostStamps(await openWritten(file, stop), { begunS, beforeMs }, clock)
  let watcher: FSWatcher | undefined
  const unwatch = () => {
    watcher?.close()
    watcher = undefined
  }
  let isCut = false
  async function settle() {
    const settled = await stamps.settle()
    // QEMU has answered meanwhile: what it said before is at hand, and heard before the next turn.
    await setImmediate()
    isCut ||= givenUp ? givenUp() !== before : isFull(file)
    return settled
  }
  return {
    settle,
    isCut: () => isCut,
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
      await settle()
      if (stamps.close()) return
      throw machineryError(
        `cannot give the frames in ${file} the host's time: QEMU or this process was held up while they came`,
        'run it again, on a host that has less to do',
      )
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

/** What a frame needs at most. */
const frameBytes = 65_536 + 16

/** There is no room for a frame that QEMU would have to write. */
function isFull(file: string): boolean {
  const { bavail, bsize } = statfsSync(file)
  return bavail * bsize < frameBytes
}

const secondOf = (timeMs: number) => Math.floor(timeMs / 1000)
