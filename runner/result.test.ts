import test from 'ava'
import { exitCodeOf, type Outcome, worstOutcome } from './result.ts'

test('a failure is the worst that can be, and its exit code comes before that of an error', (t) => {
  const worst = (...outcomes: Outcome[]) => worstOutcome(outcomes)
  t.is(worst('error', 'failed', 'error', 'passed', 'skipped'), 'failed')
  t.is(worst('error', 'passed', 'skipped'), 'error')
  t.is(worst('skipped', 'passed'), 'passed')
  t.is(worst(), 'skipped')
  t.is(exitCodeOf(worst('error', 'failed')), 1)
})
