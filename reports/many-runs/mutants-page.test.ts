import test from 'ava'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { summarise } from '../run/summary.ts'
import { renderMutantsPage } from './mutants-page.ts'

const events = fixtureEvents('mutants').map((event) =>
  event.type === 'run-started' ? { ...event, mutants: { of: 8 } } : event,
)
const pageOf = (before: string) => {
  const made = renderMutantsPage([summarise(events)], before)
  return typeof made === 'string' ? made : made.page
}

test('each lab has a row with what was caught of each kind, and what was not', (t) => {
  t.true(pageOf('').endsWith('|\n| [mutants](../labs/mutants) | 1 of 1 | 2 of 4 | 0 of 3 | 1 | 3 | 1 |\n'))
})

test('labs that the runs lack keep their rows, in the order of their names', (t) => {
  const row = '| [zebra](../labs/zebra) | 1 of 1 | – |'
  t.deepEqual(
    pageOf(`${pageOf('')}${row}\n`)
      .split('\n')
      .slice(-3, -1)
      .map((line) => line.slice(0, 11)),
    ['| [mutants]', '| [zebra](.'],
  )
})

test('a run of some mutants renews them in the row of the run of all before it', (t) => {
  const whole = summarise(events)
  const now = whole.scopes.flatMap((scope) =>
    scope.mutant?.state === 'survived' ? [{ ...scope, mutant: { ...scope.mutant, state: 'caught' } as const }] : [],
  )
  const some = { ...whole, scopes: now }
  const made = renderMutantsPage([whole, some], '')
  t.true(typeof made !== 'string' && made.page.endsWith('| 1 of 1 | 4 of 4 | 2 of 3 | – | – | 1 |\n'))
  t.regex(String(renderMutantsPage([some, whole], '')), /tried 4 of 8 mutants/)
})

test('a sample and a run without mutants make no row', (t) => {
  const sample = events.map((event) =>
    event.type === 'run-started' ? { ...event, mutants: { of: 80, seed: 1 } } : event,
  )
  t.regex(String(renderMutantsPage([summarise(sample)], '')), /tried 8 of 80 mutants/)
  t.regex(String(renderMutantsPage([summarise(fixtureEvents('passed'))], '')), /made no mutants/)
})
