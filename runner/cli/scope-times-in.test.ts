import test from 'ava'
import { fixtureEvents } from '../../reports/fixtures/fixture.ts'
import type { RunEvent } from '../events.ts'
import { scopeTimesIn } from './scope-times-in.ts'

test('a scope took its time from when its machines began to start, not from when it waited for them', (t) => {
  const took = scopeTimesIn(fixtureEvents('passed')).get('bridge-veth/default') ?? 0
  const waited = fixtureEvents('passed').map(
    (event): RunEvent => (event.type === 'scope-started' ? event : { ...event, at: event.at + 50_000 }),
  )
  t.true(took > 0)
  t.true(Math.abs((scopeTimesIn(waited).get('bridge-veth/default') ?? 0) - took) < 1)
})

test('of a scope that broke, was interrupted or skipped, or is a mutant, nothing is known', (t) => {
  const withEnd = (end: object) =>
    fixtureEvents('passed').map((event): RunEvent => (event.type === 'scope-finished' ? { ...event, ...end } : event))
  t.is(scopeTimesIn(withEnd({ outcome: 'failed' })).size, 1)
  for (const end of [{ outcome: 'error' }, { outcome: 'skipped' }, { outcome: 'failed', interrupted: true }])
    t.is(scopeTimesIn(withEnd(end)).size, 0)
  t.is(scopeTimesIn(fixtureEvents('mutants')).size, 0)
})

test('a declared mutation is known by its name', (t) => {
  const keys = [...scopeTimesIn(fixtureEvents('mutations')).keys()]
  t.true(keys.length > 0)
  for (const key of keys) t.regex(key, /^bridge-veth\/default \(.+\)$/)
})
