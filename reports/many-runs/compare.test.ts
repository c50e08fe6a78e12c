import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { drawJunit } from '../fixtures/draw.ts'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { parseJunit } from '../junit/parse-junit.ts'
import { compareRuns, renderComparison } from './compare.ts'

const hanging = 'The cable hangs in the air'

/** The recorded run through another provider, perhaps with other verdicts of one step. */
const runOn = (provider: string, outcome?: 'failed' | 'skipped', found = ''): RunEvent[] =>
  fixtureEvents('passed').map((event) => {
    if (event.type === 'run-started') return { ...event, surroundings: { ...event.surroundings, provider } }
    return outcome && event.type === 'case-finished' && event.case.startsWith(hanging)
      ? { ...event, outcome, found }
      : event
  })

const compare = (runs: readonly RunEvent[][]) => compareRuns(runs.map((events) => parseJunit(drawJunit(events))))

test('runs with the same verdicts stand side by side, and nothing differs', (t) => {
  const comparison = compare([runOn('qemu'), runOn('vagrant')])
  t.deepEqual(comparison.columns, ['qemu', 'vagrant'])
  const [row] = comparison.rows
  t.deepEqual(row?.differing, [])
  t.deepEqual(row?.cells[0], row?.cells[1])
  t.regex(
    renderComparison(comparison),
    /^\| lab \| qemu \| vagrant \|\n\| --- \| --- \| --- \|\n\| \S+ \| \d+ passed \| \d+ passed \|\n$/,
  )
})

test('a case with another verdict is named', (t) => {
  const comparison = compare([runOn('qemu'), runOn('vagrant', 'failed')])
  t.is(comparison.rows[0]?.differing.length, 1)
  t.regex(renderComparison(comparison), /\n- \S+ differs in: The cable hangs in the air/)
})

test('a case that one run skipped has no other verdict there, and the reason is told', (t) => {
  const comparison = compare([runOn('qemu'), runOn('vagrant', 'skipped', 'it cannot')])
  t.deepEqual(comparison.rows[0]?.differing, [])
  t.regex(renderComparison(comparison), /\n- \S+, vagrant: skipped, (not tried: )?it cannot\n/)
})

test('a lab that only one run had differs in nothing', (t) => {
  const others = runOn('vagrant').map((event) => {
    if (event.type === 'run-started')
      return { ...event, scopes: [{ scope: 'another/default', lab: 'another', variant: 'default' }] }
    return 'scope' in event && event.scope ? { ...event, scope: 'another/default' } : event
  })
  const comparison = compare([runOn('qemu'), others as RunEvent[]])
  t.is(comparison.rows.length, 2)
  t.true(comparison.rows.every(({ differing }) => differing.length === 0))
  t.regex(renderComparison(comparison), /\| not run \|/)
})
