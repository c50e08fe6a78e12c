import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { summarise } from './summary.ts'

test('a passed run counts its cases', (t) => {
  const { counts, outcome, durationMs } = summarise(fixtureEvents('passed'))
  t.deepEqual(counts, { passed: 3, failed: 0, error: 0, skipped: 0 })
  t.is(outcome, 'passed')
  t.is(durationMs, 2300)
})

test('one failure among errors is what became of its lab and of the run', (t) => {
  const events = fixtureEvents('every-outcome')
  t.deepEqual(
    summarise(events).scopes.map(({ outcome }) => outcome),
    ['failed', 'failed', 'error'],
  )
  t.is(summarise(events).outcome, 'failed')
})

test('what broke after a failure is a case of its own', (t) => {
  const events = fixtureEvents('every-outcome').map((event) =>
    event.type === 'scope-finished' && event.outcome === 'failed'
      ? { ...event, message: 'a machine would not stop' }
      : event,
  )
  const last = summarise(events).scopes[0]?.cases.at(-1)
  t.like(last, { name: 'the lab runs to its end', outcome: 'error', message: 'a machine would not stop' })
})

test('announced cases of a killed run are errors, and so is a lab that was never begun', (t) => {
  const { scopes, outcome, finished } = summarise(fixtureEvents('killed'))
  t.is(outcome, 'error')
  t.is(finished, undefined)
  t.deepEqual(
    scopes.map(({ scope, cases }) => [scope, cases.map((one) => `${one.outcome} ${one.message}`.trim())]),
    [
      ['bridge-veth/default', ['passed', ...Array(2).fill('error not judged: the run was ended before it')]],
      ['trouble/private', ['error the lab was never begun']],
    ],
  )
})

test('a mutation is one case, passed when it is caught', (t) => {
  const { scopes } = summarise(fixtureEvents('mutations'))
  t.deepEqual(
    scopes.map(({ cases, mutated }) => [cases.map(({ outcome }) => outcome), mutated?.length]),
    [
      [['passed'], 3],
      [['failed'], 3],
      [['error'], 3],
    ],
  )
})

test('a step that broke is a case, for the claims do not tell', (t) => {
  const names = summarise(fixtureEvents('every-outcome')).scopes[1]?.cases.map(
    ({ name, outcome }) => `${outcome}: ${name}`,
  )
  t.is(names?.at(-1), 'error: step: Set the mode')
})

test('a lab that broke without a broken step or case has a case that says so', (t) => {
  const events = fixtureEvents('passed').map((event) =>
    event.type === 'scope-finished'
      ? { ...event, outcome: 'error' as const, message: 'a machine would not stop' }
      : event,
  )
  const last = summarise(events).scopes[0]?.cases.at(-1)
  t.like(last, { name: 'the lab runs to its end', outcome: 'error', message: 'a machine would not stop' })
})

test('a lab that claims nothing and passes is one passed case', (t) => {
  const events = fixtureEvents('passed')
    .filter(({ type }) => !type.startsWith('case-'))
    .map((event) => (event.type === 'scope-started' ? { ...event, cases: [] } : event))
  t.deepEqual(summarise(events).counts, { passed: 1, failed: 0, error: 0, skipped: 0 })
})

test('a capture belongs to the case of its step', (t) => {
  const cases = summarise(fixtureEvents('every-outcome')).scopes[1]?.cases ?? []
  t.deepEqual(
    cases.map(({ captures }) => captures.length),
    [0, 0, 1, 0, 0],
  )
})

test('no events are a run in which nothing was judged', (t) => {
  t.like(summarise([]), { outcome: 'skipped', scopes: [], durationMs: 0 })
})

test('what an interrupted run never began is skipped, and is no error of its own', (t) => {
  const events = fixtureEvents('killed')
  const finished = { type: 'run-finished', outcome: 'error', exitCode: 130, durationMs: 1, at: 9000 } as const
  const { scopes, outcome } = summarise([...events, finished])
  t.is(outcome, 'error')
  t.like(scopes[1], { scope: 'trouble/private', interrupted: true, outcome: 'skipped' })
  t.is(scopes[1]?.cases[0]?.message, 'not tried: the run was interrupted before it')
})

test('what a run that ended after enough failures never began is skipped, and says so', (t) => {
  const events = fixtureEvents('killed')
  const finished = {
    type: 'run-finished',
    outcome: 'failed',
    exitCode: 1,
    durationMs: 1,
    at: 9000,
    maxFailures: 1,
  } as const
  const { scopes, outcome } = summarise([...events, finished])
  t.is(outcome, 'failed')
  t.like(scopes[1], { scope: 'trouble/private', interrupted: true, outcome: 'skipped' })
  t.is(scopes[1]?.cases[0]?.message, 'not tried: the run ended after 1 failure')
})

test('scopes come as they were planned, in whatever order they began', (t) => {
  const scopes = (events: readonly RunEvent[]) => summarise(events).scopes.map(({ scope }) => scope)
  const events = fixtureEvents('every-outcome')
  const planned = scopes(events)
  const isOfFirst = (event: RunEvent) => 'scope' in event && event.scope === planned[0]
  const between = events.slice(1, -1)
  const lastFirst = [...between.filter((event) => !isOfFirst(event)), ...between.filter(isOfFirst)]
  t.deepEqual(scopes([...events.slice(0, 1), ...lastFirst, ...events.slice(-1)]), planned)
})
