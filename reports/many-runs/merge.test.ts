import test from 'ava'
import type { PlannedScope, RunEvent } from '../../runner/events.ts'
import { fixtureEvents, retriedEvents } from '../fixtures/fixture.ts'
import { summarise } from '../run/summary.ts'
import { mergeRuns, outlinePart, type PartialRun } from './merge.ts'

const part = (name: string) => ({ name, events: fixtureEvents(name) })

type Part = Pick<PartialRun, 'name' | 'part'> & { readonly events: readonly RunEvent[] }

/** What parts come to, with all their events. */
function merge(parts: readonly Part[], wanted: readonly PlannedScope[] = []) {
  const merged = mergeRuns(
    parts.map(({ events, ...known }) => ({ ...outlinePart(known.name, events), ...known })),
    wanted,
  )
  if (typeof merged === 'string') return merged
  const inner = parts.flatMap(({ events }) => events.filter(({ type }) => !/^run-/.test(type)))
  return { ...merged, events: [merged.started, ...inner, merged.finished] }
}

test('two parts become one run with the cases of both and the worst outcome', (t) => {
  const merged = merge([part('outage'), part('macvlan')])
  if (typeof merged === 'string') return t.fail(merged)
  t.deepEqual(merged.missing, [])
  const { scopes, outcome, counts, finished } = summarise(merged.events)
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
  t.deepEqual([...merged.laterMs.keys()], ['outage', 'macvlan'])
  t.is(Math.min(...merged.laterMs.values()), 0)
})

test('a part that failed beside one that could not be judged makes the exit code of a failure', (t) => {
  const unjudged = fixtureEvents('macvlan').map(
    (event): RunEvent => (event.type === 'run-finished' ? { ...event, outcome: 'error', exitCode: 3 } : event),
  )
  const failing = fixtureEvents('outage').map(
    (event): RunEvent => (event.type === 'run-finished' ? { ...event, outcome: 'failed', exitCode: 1 } : event),
  )
  const merged = merge([
    { name: 'unjudged', events: unjudged },
    { name: 'failing', events: failing },
  ])
  t.like(typeof merged === 'string' ? undefined : merged.events.at(-1), { outcome: 'failed', exitCode: 1 })
})

test('another try of a scope stays with it when parts are merged', (t) => {
  const parts = [{ name: 'retried', events: retriedEvents('passed') }, part('macvlan')]
  const merged = merge(parts)
  if (typeof merged === 'string') return t.fail(merged)
  const { counts, retries, scopes } = summarise(merged.events)
  t.is(retries.length, 1)
  t.is(counts.error, 0)
  t.true(scopes.some(({ cases }) => cases.every(({ otherTries }) => otherTries?.length === 1)))
})

test('what two parts ran is refused', (t) => {
  t.is(merge([part('outage'), { ...part('outage'), name: 'again' }]), 'out/default is in outage and in again')
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
  t.is(typeof merge([inFolder('x/a #2', 'x/a-2'), inFolder('x/a-2', 'x/a-3')]), 'object')
  t.is(
    merge([inFolder('x/a #2', 'x/a-2'), inFolder('x/A-2', 'x/A-2')]),
    'x/A-2 has files in x/A-2, and so has another part',
  )
})

const missingIn = (...given: Parameters<typeof merge>) => {
  const merged = merge(...given)
  return typeof merged === 'string' ? merged : merged.missing
}

test('what a killed part lacks is missing, and the run has not passed', (t) => {
  const merged = merge([part('outage'), part('killed')])
  if (typeof merged === 'string') return t.fail(merged)
  t.is(merged.missing[0], 'killed did not come to its end')
  t.regex(`${merged.missing[1]}`, /^killed lacks the end of /)
  t.is(merged.events.at(-1)?.type, 'run-finished')
  t.not(summarise(merged.events).outcome, 'passed')
})

test('the scope of a part that never ended is missing', (t) => {
  const events = fixtureEvents('macvlan').filter(
    (event: RunEvent) => event.type !== 'scope-finished' || event.scope !== 'macvlan-modes/private',
  )
  t.deepEqual(missingIn([{ name: 'cut', events }]), ['cut lacks the end of macvlan-modes/private'])
})

test('what is wanted and in no part is missing, and is an error in the report', (t) => {
  const wanted = ['out/default', 'elsewhere/default'].map((scope) => {
    const [lab = '', variant = ''] = scope.split('/')
    return { scope, lab, variant }
  })
  const merged = merge([part('passed')], wanted)
  if (typeof merged === 'string') return t.fail(merged)
  t.deepEqual(merged.missing, ['no part has out/default', 'no part has elsewhere/default'])
  const { scopes, outcome, finished } = summarise(merged.events)
  t.is(scopes.find(({ scope }) => scope === 'elsewhere/default')?.outcome, 'error')
  t.is(outcome, 'error')
  t.is(finished?.exitCode, 3)
})

test('parts of one cut must all be there, and no part of another', (t) => {
  const cut = (name: string, number: number, digest = 'same') => ({
    ...part(name),
    part: { part: number, of: 3, digest },
  })
  t.deepEqual(missingIn([cut('outage', 1), cut('macvlan', 3)]), ['part 2/3 is missing'])
  t.is(
    missingIn([cut('outage', 1), cut('macvlan', 3, 'other')]),
    'macvlan is part of another cut: other, and outage of same',
  )
  t.is(missingIn([cut('outage', 1), part('macvlan')]), 'macvlan is part of another cut: none, and outage of same')
})

test('a part without a beginning is missing', (t) => {
  t.deepEqual(missingIn([part('outage'), { name: 'empty', events: [] }]), ['empty has no beginning'])
  t.is(missingIn([{ name: 'empty', events: [] }]), 'there is no part')
})

test('runs and mutations do not mix', (t) => {
  t.is(merge([part('outage'), part('mutations')]), 'mutations is of another kind: mutate')
})
