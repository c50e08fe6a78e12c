import { appendFileSync, openSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { framesOf, pcapHeader, pcapRecord } from '../../testing/pcap-frames.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { addedBy } from './added-time.ts'
import { hostStamps } from './host-stamps.ts'
import { narrow, parseTimer, periodMs, virtualClock } from './virtual-clock.ts'

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

const frames = (timeMs: number, { sinceMs = -500, seenMs = 500, lateMs = 0 }) => ({
  firstMs: timeMs - 12_345.678,
  lastMs: timeMs - 12_345.678,
  sinceMs: timeMs + sinceMs,
  seenMs: timeMs + seenMs,
  mtimeMs: timeMs + lateMs,
})

test('what is added to stamps is exact in whichever second QEMU began, and in whichever time zone', (t) => {
  const exactMs = 12_345.678
  for (const aheadS of [-1, 9 * 3600, 19_800, -5 * 3600])
    for (const second of [begunS, begunS - aheadS])
      for (const lateMs of [-4, 0, 20]) {
        const offsetMs = exactMs + second * 1000 + 5 * periodMs
        const offset = { leastMs: offsetMs, mostMs: offsetMs }
        const { addedMs } = addedBy(frames(at(1), { lateMs }), [begunS, begunS - aheadS], offset)
        t.true(Math.abs(addedMs - exactMs) < 0.001, `${aheadS} ${addedMs - exactMs}`)
      }
})

test('where no time fits what is known that of frames is unsure, until there are others', (t) => {
  const offset = { leastMs: begunS * 1000 + 12_345.678, mostMs: begunS * 1000 + 12_345.678 }
  const first = addedBy(frames(at(1), { sinceMs: 3000, seenMs: 3500 }), [begunS], offset)
  t.true(first.apartMs > periodMs)
  t.is(addedBy(frames(at(9), {}), [begunS], offset, first).apartMs, 0)
})

test('a clock of the host that was set since, which files are stamped by, leads no frame out of its bounds', (t) => {
  for (const lateMs of [-14_370, 3_600_000]) {
    const { addedMs } = addedBy(frames(at(1), { lateMs }), [begunS])
    t.true(Math.abs(addedMs - 12_345.678) < 501, `${lateMs}: ${addedMs}`)
  }
})

test('readings of the timer narrow the offset, also when it began anew between them', (t) => {
  const first = narrow(undefined, { beforeMs: 1000, timeMs: 4686, afterMs: 1010 })
  t.deepEqual(first, { leastMs: -3686, mostMs: -3676 })
  const again = (1004 + 3682 + 2) % periodMs
  const second = narrow(first, { beforeMs: 1004, timeMs: again, afterMs: 1006.5 }) ?? { leastMs: 0, mostMs: 0 }
  t.true(second.leastMs > -3684.1 && second.mostMs < -3681.4 && second.leastMs < second.mostMs)
})

test('a reading that took so long that nobody knows how often the timer began anew changes nothing', (t) => {
  const known = { leastMs: 100, mostMs: 110 }
  t.is(narrow(known, { beforeMs: 10_000, timeMs: 700, afterMs: 14_000 }), known)
  t.is(narrow(undefined, { beforeMs: 10_000, timeMs: 700, afterMs: 14_000 }), undefined)
})

/** A timer that counts with the host's clock, and how often it was read. */
function hostTimer() {
  const ticks = () => (Math.floor(performance.now() * 3579.545) % 2 ** 24).toString(16).padStart(8, '0')
  const timer = {
    readings: 0,
    async execute() {
      timer.readings++
      return `portl[0x0608] = 0x${ticks()}\r\n`
    },
  }
  return timer
}

test('a clock is read until it is known well, not changed while it stands, and read anew when it goes on', async (t) => {
  const timer = hostTimer()
  const clock = virtualClock(timer)
  t.is(clock.offset(), undefined)
  t.true(await clock.measure())
  const known = clock.offset()
  const apart = ((((known?.leastMs ?? Number.NaN) - performance.timeOrigin) % periodMs) + periodMs) % periodMs
  t.true(Math.min(apart, periodMs - apart) < 1, `${apart}`)
  clock.stand()
  const before = timer.readings
  t.true(await clock.measure())
  t.is(clock.offset(), known)
  clock.goOn(hostNowMs())
  t.is(clock.offset(), undefined)
  await clock.measure()
  t.true(timer.readings > before + 1)
})

test('what was read before a clock stood says nothing of it when it goes on, however late the answer is', async (t) => {
  const answer = Promise.withResolvers<string>()
  let asked = 0
  const clock = virtualClock({ execute: () => (asked++ === 0 ? answer.promise : Promise.reject(new Error('busy'))) })
  const measured = clock.measure()
  clock.stand()
  clock.goOn(hostNowMs())
  answer.resolve('portl[0x0608] = 0x00369e99\r\n')
  t.false(await measured)
  t.is(clock.offset(), undefined)
})

test('a port that nothing answers at is no timer', (t) => {
  t.is(parseTimer('portl[0x0608] = 0xffffffff\r\n'), undefined)
  t.is(parseTimer('unknown command'), undefined)
  t.is(parseTimer(undefined), undefined)
  t.is(parseTimer('portl[0x0608] = 0x00369e99\r\n'), 3_579_545 / 3579.545)
})
