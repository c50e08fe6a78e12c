import test from 'ava'
import { fixtureEvents } from '../fixtures/fixture.ts'
import { type RunSummary, summarise } from '../run/summary.ts'
import { renderMutantsPage } from './mutants-page.ts'

const whole = summarise(fixtureEvents('mutants'))
const names = whole.scopes.flatMap(({ mutant }) => mutant?.name ?? [])
const all = new Map([['mutants', [...names, 'one that nobody tried']]])

const made = (runs: readonly RunSummary[], before = '', labs: typeof all = all) => {
  const page = renderMutantsPage(runs, labs, before)
  return typeof page === 'string' ? page : page.page
}
const at = (startedAt: string, run: RunSummary, scopes = run.scopes): RunSummary => ({
  ...run,
  ...(run.started === undefined ? {} : { started: { ...run.started, startedAt } }),
  scopes,
})
const caughtNow = whole.scopes.flatMap((scope) =>
  scope.mutant?.state === 'survived' ? [{ ...scope, mutant: { ...scope.mutant, state: 'caught' } as const }] : [],
)
const row = '| [mutants](../labs/mutants) | 8 of 9 | 1 of 1 | 2 of 4 | 0 of 3 | 1 | 3 | 1 |\n'

test('each lab has a row with what was tried, what of each kind was caught, and what was not', (t) => {
  const page = made([whole])
  t.true(page.includes('\n8 of the 9 mutants of all labs were tried.\n'))
  t.true(page.endsWith(`|\n${row}`))
})

test('labs that the runs lack keep their rows, and those that were never tried have one', (t) => {
  const labs = new Map([['ant', ['a', 'b']], ...all, ['zebra', ['c']]])
  const zebra = '| [zebra](../labs/zebra) | 1 of 1 | 1 of 1 | 0 of 0 | 0 of 0 | – | – | – |\n'
  const before = `| [ant](../labs/ant) | 0 of 7 | – |\n${zebra}| [gone](../labs/gone) | 1 of 1 | 1 of 1 |\n`
  const page = made([whole], before, labs)
  t.true(page.includes('\n9 of the 12 mutants of all labs were tried.\n'))
  t.true(page.endsWith(`| [ant](../labs/ant) | 0 of 2 | – | – | – | – | – | – |\n${row}${zebra}`))
})

test('parts of several runs make one row, in which the newest of each mutant counts', (t) => {
  const halves = [whole.scopes.slice(0, 3), whole.scopes.slice(3)].map((scopes) => at('2026-01-01', whole, scopes))
  t.is(made(halves), made([whole]))
  const newer = at('2026-01-02', whole, caughtNow)
  const older = at('2026-01-01', whole)
  for (const runs of [
    [newer, older],
    [older, newer],
  ])
    t.true(made(runs).endsWith('| 8 of 9 | 1 of 1 | 4 of 4 | 2 of 3 | – | – | 1 |\n'))
  t.true(made([at('2026-01-03', whole), newer]).endsWith(row))
})

test('what an interrupted or a killed run had not done was not tried, and a mutant that is no more does not count', (t) => {
  const older = at('2026-01-01', whole)
  const interrupted = whole.scopes.map((scope) => ({ ...scope, interrupted: true }))
  t.is(made([older, at('2026-01-02', whole, interrupted)]), made([older]))
  const { finished: _, ...killed } = at('2026-01-02', whole)
  t.true(made([killed]).includes('\n7 of the 9 mutants'))
  t.true(made([whole], '', new Map([['mutants', names.slice(1)]])).includes('\n7 of the 7 mutants'))
})

test('a row is not replaced by one of fewer mutants, and a run without mutants makes none', (t) => {
  const few = at('2026-01-01', whole, whole.scopes.slice(0, 2))
  t.regex(made([few], made([whole])), /^of mutants the runs tried 2 mutants, and the page has 8/)
  t.is(made([whole], made([few])), made([whole]))
  t.regex(made([summarise(fixtureEvents('passed'))]), /made no mutants/)
})
