import test from 'ava'
import { fixtureEvents, retriedEvents } from '../fixtures/fixture.ts'
import { createOutliner } from './many-scopes.ts'
import { createSummaryFold, type RunSummary, summarise } from './summary.ts'

const runs = ['passed', 'outcomes', 'every-outcome', 'interleaved', 'killed', 'mutations', 'mutants', 'outage']

const withoutPrinted = (summary: RunSummary): unknown =>
  JSON.parse(JSON.stringify(summary), (key, value: unknown) => {
    if (key === 'cells' || key === 'asked') return undefined
    return key === 'transcript' ? '' : value
  })

for (const [name, events] of [
  ...runs.map((name) => [name, fixtureEvents(name)] as const),
  ['retried', retriedEvents('passed')] as const,
])
  test(`the outlines of the run "${name}" come to the same, but for what was printed`, (t) => {
    const outline = createOutliner()
    const before = JSON.stringify(events)
    t.deepEqual(withoutPrinted(summarise(events.map(outline))), withoutPrinted(summarise(events)))
    t.is(JSON.stringify(events), before)
  })

test('a scope is summed up alone as it is among all', (t) => {
  for (const events of [...runs.map(fixtureEvents), retriedEvents('passed')]) {
    const fold = createSummaryFold()
    for (const event of events) fold.add(event)
    const { scopes, retries } = fold.result()
    for (const scope of [...scopes, ...retries].filter(({ started }) => started !== undefined))
      t.deepEqual(fold.resultOf(scope.scope), scope)
  }
})
