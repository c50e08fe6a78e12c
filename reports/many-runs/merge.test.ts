import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fixtureEvents, retriedEvents } from '../fixtures/fixture.ts'
import { summarise } from '../run/summary.ts'
import { mergeRuns } from './merge.ts'

const part = (name: string) => ({ name, events: fixtureEvents(name) })

test('two parts become one run with the cases of both and the worst outcome', (t) => {
  const merged = mergeRuns([part('outage'), part('macvlan')])
  if (typeof merged === 'string') return t.fail(merged)
  const { scopes, outcome, counts, finished } = summarise(merged)
  t.deepEqual(scopes.map(({ scope }) => scope).toSorted(), [
    'macvlan-modes/private',
    'macvlan-modes/vepa-reflected',
    'out/default',
  ])
  t.is(outcome, 'failed')
  t.is(finished?.exitCode, 1)
  t.is(
    counts.passed,
    summarise(fixtureEvents('outage')).counts.passed + summarise(fixtureEvents('macvlan')).counts.passed,
  )
  for (const [index, { at }] of merged.entries()) t.true(at >= (merged[index - 1]?.at ?? 0))
})

test('a part that failed beside one that could not be judged makes the exit code of a failure', (t) => {
  const unjudged = fixtureEvents('macvlan').map(
    (event): RunEvent => (event.type === 'run-finished' ? { ...event, outcome: 'error', exitCode: 3 } : event),
  )
  const failing = fixtureEvents('outage').map(
    (event): RunEvent => (event.type === 'run-finished' ? { ...event, outcome: 'failed', exitCode: 1 } : event),
  )
  const merged = mergeRuns([
    { name: 'unjudged', events: unjudged },
    { name: 'failing', events: failing },
  ])
  t.like(typeof merged === 'string' ? undefined : merged.at(-1), { outcome: 'failed', exitCode: 1 })
})

test('another try of a scope stays with it when parts are merged', (t) => {
  const parts = [{ name: 'retried', events: retriedEvents('passed') }, part('macvlan')]
  const merged = mergeRuns(parts)
  if (typeof merged === 'string') return t.fail(merged)
  const { counts, retries, scopes } = summarise(merged)
  t.is(retries.length, 1)
  t.is(counts.error, 0)
  t.true(scopes.some(({ cases }) => cases.every(({ otherTries }) => otherTries?.length === 1)))
})

test('what two parts ran is refused', (t) => {
  t.is(mergeRuns([part('outage'), { ...part('outage'), name: 'again' }]), 'out/default is in outage and in again')
})

test('scopes that are not the same, but left their files in one folder, are refused', (t) => {
  const inFolder = (scope: string, folder: string) => ({
    name: scope,
    events: fixtureEvents('outage').map((event): RunEvent => {
      if (event.type === 'run-started') return { ...event, scopes: event.scopes.map((one) => ({ ...one, scope })) }
      if (event.type === 'scope-started') return { ...event, scope, folder }
      return 'scope' in event ? { ...event, scope } : event
    }),
  })
  t.is(typeof mergeRuns([inFolder('x/a #2', 'x/a-2'), inFolder('x/a-2', 'x/a-3')]), 'object')
  t.is(
    mergeRuns([inFolder('x/a #2', 'x/a-2'), inFolder('x/A-2', 'x/A-2')]),
    'x/A-2 has files in x/A-2, and so has another part',
  )
})

test('a part that was killed is refused', (t) => {
  t.is(mergeRuns([part('outage'), part('killed')]), 'killed did not come to its end')
})

test('a part whose scope never ended is refused', (t) => {
  const events = fixtureEvents('macvlan').filter(
    (event: RunEvent) => event.type !== 'scope-finished' || event.scope !== 'macvlan-modes/private',
  )
  t.is(mergeRuns([{ name: 'cut', events }]), 'cut lacks the end of macvlan-modes/private')
})

test('what is wanted and in no part is named', (t) => {
  t.is(mergeRuns([part('outage')], ['out/default', 'bridge-veth/default']), 'no part has bridge-veth/default')
})

test('runs and mutations do not mix', (t) => {
  t.is(mergeRuns([part('outage'), part('mutations')]), 'mutations is of another kind: mutate')
})
