import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { knownTimes, renderKnownTime, timeOfLab } from './known-times.ts'

const suite = (name: string, time: string, failures = 0, errors = 0) =>
  `<testsuite name="${name}" tests="3" failures="${failures}" errors="${errors}" skipped="0" time="${time}">\n`

test('the time of a variant is that of the newest run in which nothing of it failed', (t) => {
  const results = writeFolder({
    '20260101-000000-a/junit.xml': suite('x/a', '1.5') + suite('x/b', '2'),
    '20260102-000000-a/junit.xml': suite('x/a', '3') + suite('x/b', '9', 1) + suite('x/c', '9', 0, 1),
    '20260103-000000-a/events.jsonl': '',
    '20260104-000000-a/junit.xml': suite('x/a', 'soon'),
    'history.html': '',
  })
  t.deepEqual(
    [...knownTimes(results)],
    [
      ['x/a', 3000],
      ['x/b', 2000],
    ],
  )
  t.is(knownTimes(join(results, 'nowhere')).size, 0)
})

test('a lab takes as long as all its variants, and of one that was not run nothing is known', (t) => {
  const times = new Map([
    ['x/a', 1000],
    ['x/b', 99_500],
  ])
  t.is(timeOfLab('x', ['a', 'b'], times), 100_500)
  t.is(timeOfLab('x', ['a', 'c'], times), undefined)
  t.deepEqual([undefined, 400, 98_900, 100_500].map(renderKnownTime), ['–', '1 s', '99 s', '2 min'])
})
