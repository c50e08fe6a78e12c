import { appendFileSync, openSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { framesOf, pcapHeader, pcapRecord } from '../../testing/pcap-frames.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { hostStamps, nearest } from './host-stamps.ts'
import { narrow, parseTimer, periodMs, virtualClock } from './virtual-clock.ts'

/** The second from which the QEMU of these tests counts, and what its clock says at host time. */
const begunS = 1_800_000_000
const virtualMs = (timeMs: number) => timeMs - 1_799_999_900_000

/** A capture that a QEMU of a test appends frames to; their stamps are changed by the host's clock. */
function capture(t: ExecutionContext) {
  const file = join(writeFolder({}), 'c.pcap')
  writeFileSync(file, pcapHeader)
  let offsetMs: number | undefined = virtualMs(0) * -1 - 7 * periodMs
  const clock = { measure: async () => {}, offsetMs: () => offsetMs, stand() {}, goOn() {} }
  const stamps = hostStamps(openSync(file, 'r+'), [begunS], clock)
  t.teardown(() => stamps.close())
  const append = (bytes: Buffer, timeMs: number) => {
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
    missed(missedMs: number) {
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
  const { stamps, write, stampsMs } = capture(t)
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
  const { stamps, write, append, stampsMs } = capture(t)
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
  const { stamps, write, stampsMs } = capture(t)
  const times = Array.from({ length: 300 }, (_, each) => at(each / 10))
  for (const [each, timeMs] of times.entries()) write(timeMs, each % 7 === 0 ? 65_536 : 60 + each)
  await stamps.settle()
  t.deepEqual(stampsMs(), times)
})

test('frames to a machine that stands still have the time of their arrival, later ones that of its clock', async (t) => {
  const { stamps, write, missed, stampsMs } = capture(t)
  write(at(1))
  await stamps.settle()
  stamps.stampArrivals(true)
  write(at(3), 60, 2000)
  const beforeMs = hostNowMs()
  await stamps.settle()
  const [, arrivedMs = 0] = stampsMs()
  t.true(arrivedMs > beforeMs - 0.1 && arrivedMs < hostNowMs() + 0.1)
  stamps.stampArrivals(false)
  missed(9000)
  write(at(12), 60, 9000)
  await stamps.settle()
  t.deepEqual([stampsMs()[0], stampsMs()[2]], [at(1), at(12)])
})

test('where QEMU has no timer to read, the time of the file is what there is', async (t) => {
  const { stamps, write, withoutTimer, stampsMs } = capture(t)
  withoutTimer()
  write(at(1))
  write(at(2.003))
  await stamps.settle()
  t.deepEqual(stampsMs(), [at(1) - 3, at(2)])
})

test('what is added to stamps is exact in whichever second QEMU began, and however late the file was written', (t) => {
  const exactMs = 12_345.678
  for (const second of [begunS, begunS + 1])
    for (const lateMs of [-4, 0, 300]) {
      const offsetMs = exactMs + second * 1000 + 5 * periodMs
      const added = nearest(exactMs + lateMs, [begunS, begunS + 1], offsetMs)
      t.true(Math.abs(added - exactMs) < 0.001, `${added - exactMs}`)
    }
})

test('what is added to stamps is exact in the time zone of the QEMU, which may be UTC or that of the host', (t) => {
  const exactMs = 12_345.678
  for (const zoneS of [9 * 3600, 19_800, -5 * 3600])
    for (const [isHosts, lateMs] of [0, 1].flatMap((is) => [-4, 0, 20].map((late) => [is, late] as const))) {
      const offsetMs = exactMs + (begunS - isHosts * zoneS) * 1000 - 3 * periodMs
      const added = nearest(exactMs + lateMs, [begunS, begunS - zoneS], offsetMs)
      t.true(Math.abs(added - exactMs) < 0.001, `${zoneS} ${added - exactMs}`)
    }
})

test('readings of the timer narrow the offset, also when it began anew between them', (t) => {
  const first = narrow(undefined, { beforeMs: 1000, timeMs: 4686, afterMs: 1010 })
  t.deepEqual(first, { leastMs: -3686, mostMs: -3676 })
  const again = (1004 + 3682 + 2) % periodMs
  const second = narrow(first, { beforeMs: 1004, timeMs: again, afterMs: 1006.5 })
  t.true(second.leastMs > -3684.1 && second.mostMs < -3681.4 && second.leastMs < second.mostMs)
})

test('a clock is read until it is known well, never while it stands, and anew when it goes on', async (t) => {
  let readings = 0
  const ticks = () => (Math.floor(performance.now() * 3579.545) % 2 ** 24).toString(16).padStart(8, '0')
  const clock = virtualClock({
    async execute() {
      readings++
      return `portl[0x0608] = 0x${ticks()}\r\n`
    },
  })
  t.is(clock.offsetMs(), undefined)
  await clock.measure()
  const apart = ((((clock.offsetMs() ?? Number.NaN) - performance.timeOrigin) % periodMs) + periodMs) % periodMs
  t.true(Math.min(apart, periodMs - apart) < 1, `${apart}`)
  const before = readings
  clock.stand()
  await clock.measure()
  t.is(readings, before)
  clock.goOn()
  t.is(clock.offsetMs(), undefined)
  await clock.measure()
  t.true(readings > before)
})

test('a port that nothing answers at is no timer', (t) => {
  t.is(parseTimer('portl[0x0608] = 0xffffffff\r\n'), undefined)
  t.is(parseTimer('unknown command'), undefined)
  t.is(parseTimer(undefined), undefined)
  t.is(parseTimer('portl[0x0608] = 0x00369e99\r\n'), 3_579_545 / 3579.545)
})
