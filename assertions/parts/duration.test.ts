import test from 'ava'
import { parseDuration } from './duration.ts'

test('a duration has a unit', (t) => {
  t.is(parseDuration('500ms'), 500)
  t.is(parseDuration('10s'), 10_000)
  t.is(parseDuration('1.5s'), 1500)
  t.is(parseDuration('2m'), 120_000)
})

test('anything else is no duration', (t) => {
  for (const text of ['', '5', '5 s', '-1s', '1h', '1e3s', '61m', 's']) t.is(parseDuration(text), undefined)
})
