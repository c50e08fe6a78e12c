import { appendFileSync, openSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { framesOf, pcapHeader, pcapRecord } from '../../testing/pcap-frames.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { hostStamps } from './host-stamps.ts'
import { periodMs } from './virtual-clock.ts'

/** The second from which the QEMU of these tests counts, and what its clock says at host time. */
const begunS = 1_800_000_000
const virtualMs = (timeMs: number) => timeMs - 1_799_999_900_000

/** A capture that a QEMU of a test appends frames to; their stamps are changed by the host's clock. */
function capture() {
  const file = join(writeFolder({}), 'c.pcap')
  writeFileSync(file, pcapHeader)
  let offsetMs: number | undefined = virtualMs(0) * -1 - 7 * periodMs
  let sinceMs = 0
  let nowMs = at(0)
  /** What QEMU still writes before it answers. */
  let late = () => {}
  const clock = {
    async measure() {
      late()
      return true
    },
    offset: () => (offsetMs === undefined ? undefined : { leastMs: offsetMs, mostMs: offsetMs }),
    sinceMs: () => sinceMs,
    stand() {},
    goOn() {},
  }
  const stamps = hostStamps(openSync(file, 'r+'), { begunS: [begunS], beforeMs: nowMs }, clock, () => nowMs)
  const append = (bytes: Buffer, timeMs: number) => {
    nowMs = Math.max(nowMs, timeMs)
    appendFileSync(file, bytes)
    // Kernels stamp files by their tick.
    utimesSync(file, timeMs / 1000, (Math.floor(timeMs / 4) * 4) / 1000)
  }
  return {
    stamps,
    append,
    /** Writes a frame at a time of the host, as a QEMU does whose virtual clock is behind by `missedMs`. */
    write: (timeMs: number, length = 60, missedMs = 0) =>
      append(pcapRecord(begunS * 1000 + virtualMs(timeMs) - missedMs, Buffer.alloc(length)), timeMs),
    /** The same, but QEMU was held up for so long between stamping and writing. */
    writeLate: (timeMs: number, heldUpMs: number) =>
      append(pcapRecord(begunS * 1000 + virtualMs(timeMs), Buffer.alloc(60)), timeMs + heldUpMs),
    lookAt(timeMs: number) {
      nowMs = timeMs
      return stamps.settle()
    },
    writesBeforeItAnswers(write: () => void) {
      late = () => {
        late = () => {}
        write()
      }
    },
    missed(missedMs: number) {
      sinceMs = nowMs
      offsetMs = virtualMs(0) * -1 + missedMs + 3 * periodMs
    },
    withoutTimer() {
      offsetMs = undefined
    },
    stampsMs: () => framesOf(readFileSync(file)).map(({ stampMs }) => stampMs),
  }
}

const at = (seconds: number) => (begunS + seconds) * 1000

test('frames get the time of the host, whenever they are settled, and each but once', async (t) => {
  const { stamps, write, stampsMs } = capture()
  await stamps.settle()
  write(at(1.000001))
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1.000001)])
  write(at(30.5))
  write(at(99.999999))
  await Promise.all([stamps.settle(), stamps.settle()])
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1.000001), at(30.5), at(99.999999)])
})

test('a frame of which QEMU has written a part is settled when it is whole', async (t) => {
  const { stamps, write, append, stampsMs } = capture()
  write(at(1))
  const record = pcapRecord(at(2) - 1_799_999_900_000 + begunS * 1000, Buffer.alloc(60))
  append(record.subarray(0, 10), at(2))
  await stamps.settle()
  append(record.subarray(10, 50), at(2))
  await stamps.settle()
  append(record.subarray(50), at(2))
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1), at(2)])
})

test('frames are settled however many, and however long they are', async (t) => {
  const { stamps, write, stampsMs } = capture()
  const times = Array.from({ length: 300 }, (_, each) => at(each / 10))
  for (const [each, timeMs] of times.entries()) write(timeMs, each % 7 === 0 ? 65_536 : 60 + each)
  await stamps.settle()
  t.deepEqual(stampsMs(), times)
})

test('frames to a machine that stands still have the time of their arrival, later ones that of its clock', async (t) => {
  const { stamps, write, missed, stampsMs } = capture()
  write(at(1))
  await stamps.settle()
  stamps.stampArrivals(true)
  write(at(3), 60, 2000)
  await stamps.settle()
  stamps.stampArrivals(false)
  missed(9000)
  write(at(12), 60, 9000)
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1), at(3), at(12)])
})

test('where QEMU has no timer to read, the time of the file is what there is', async (t) => {
  const { stamps, write, withoutTimer, stampsMs } = capture()
  withoutTimer()
  write(at(1))
  write(at(2.003))
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1) - 3, at(2)])
})

test('a frame that QEMU wrote long after it stamped it has the time of its stamp', async (t) => {
  for (const heldUpMs of [0, 400, 2400, 23_400]) {
    const { stamps, lookAt, writeLate, stampsMs } = capture()
    await lookAt(at(60))
    writeLate(at(60.1), heldUpMs)
    await stamps.settle()
    const sureMs = at(60) + periodMs
    if (heldUpMs < 4000) t.deepEqual(stampsMs(), [at(60.1)], `${heldUpMs} ms`)
    else t.true((stampsMs()[0] ?? 0) > sureMs)
    t.is(stamps.close(), heldUpMs < 4000)
  }
})

test('frames that come later correct the time of such as were taken for later than they are', async (t) => {
  const { stamps, lookAt, write, writeLate, stampsMs } = capture()
  writeLate(at(1), 23_400)
  await stamps.settle()
  t.not(stampsMs()[0], at(1))
  await lookAt(at(25))
  write(at(25.2))
  await stamps.settle()
  t.deepEqual(stampsMs().map(Math.round), [at(1), at(25.2)])
  t.true(stamps.close())
})

test('a frame that is written while it is looked at belongs to the time of its writing', async (t) => {
  const { stamps, lookAt, write, writesBeforeItAnswers, stampsMs } = capture()
  await lookAt(at(10))
  writesBeforeItAnswers(() => write(at(30)))
  await lookAt(at(20))
  t.deepEqual(stampsMs(), [at(30)])
  stamps.close()
})
