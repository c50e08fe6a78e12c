import test from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { narrow, parseTimer, periodMs, virtualClock } from './virtual-clock.ts'

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
