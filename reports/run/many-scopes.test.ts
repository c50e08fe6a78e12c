import test from 'ava'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { withoutDetails } from './many-scopes.ts'
import { summarise } from './summary.ts'

for (const name of ['passed', 'outcomes', 'every-outcome', 'interleaved', 'killed', 'mutants'])
  test(`without details the run "${name}" comes to the same`, (t) => {
    const [whole, outline] = [fixtureEvents(name), withoutDetails(fixtureEvents(name))].map(summarise)
    t.deepEqual(outline?.counts, whole?.counts)
    t.is(outline?.outcome, whole?.outcome)
    const casesOf = (summary: typeof whole) =>
      summary?.scopes.map(({ scope, outcome, cases }) => [
        scope,
        outcome,
        cases.map((one) => [one.name, one.outcome, one.message]),
      ])
    t.deepEqual(casesOf(outline), casesOf(whole))
  })

test('what did not pass keeps all its events', (t) => {
  const own = (events: ReturnType<typeof fixtureEvents>) =>
    events.filter((event) => 'scope' in event && failed.has(event.scope ?? ''))
  const all = fixtureEvents('outcomes')
  const failed = new Set(
    all.flatMap((event) => (event.type === 'scope-finished' && event.outcome !== 'passed' ? [event.scope] : [])),
  )
  t.true(failed.size > 0)
  t.is(own(withoutDetails(all)).length, own(all).length)
})
