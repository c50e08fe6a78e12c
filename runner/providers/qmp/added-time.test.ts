import test from 'ava'
import { addedBy } from './added-time.ts'
import { periodMs } from './virtual-clock.ts'

/** The second from which the QEMU of these tests counts. */
const begunS = 1_800_000_000

const at = (seconds: number) => (begunS + seconds) * 1000

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
