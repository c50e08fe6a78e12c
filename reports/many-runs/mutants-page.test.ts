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

test('a sample and a run without mutants make no row', (t) => {
  const sample = events.map((event) =>
    event.type === 'run-started' ? { ...event, mutants: { of: 80, seed: 1 } } : event,
  )
  t.regex(String(renderMutantsPage([summarise(sample)], '')), /tried 8 of 80 mutants/)
  t.regex(String(renderMutantsPage([summarise(fixtureEvents('passed'))], '')), /made no mutants/)
})
