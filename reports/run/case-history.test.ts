import test from 'ava'
import type { CaseFinished } from '../../runner/events.ts'
import { caseHistories, isFlaky, isUnsteady, renderRates, troublesOf } from './case-history.ts'
import type { JudgedCase } from './judged-cases.ts'
import type { ScopeSummary } from './summary.ts'

const judged = (outcome: JudgedCase['outcome'], durationMs = 100, more: Partial<JudgedCase> = {}): JudgedCase => ({
  name: 'A claim',
  outcome,
  message: '',
  durationMs,
  file: 'lab.yaml',
  captures: [],
  verdict: {} as CaseFinished,
  ...more,
})

const scopeOf = (one: JudgedCase, more: Partial<ScopeSummary> = {}): ScopeSummary => ({
  scope: 'lab/variant',
  lab: 'lab',
  variant: 'variant',
  outcome: one.outcome,
  interrupted: false,
  startedAtMs: 0,
  durationMs: 0,
  kept: [],
  cases: [one],
  ...more,
})

const historyOf = (...cases: readonly JudgedCase[]) => caseHistories(cases.map((one) => scopeOf(one)))[0]

test('rates are of all times that a case was judged, and what broke is not what could not be told', (t) => {
  const { verdict: _, ...unjudged } = judged('error')
  const passed = Array.from({ length: 17 }, (_one, at) => judged('passed', at === 3 ? 3100 : 200))
  const history = historyOf(...passed, judged('failed'), judged('error'), unjudged, judged('skipped'))
  t.deepEqual(
    history && renderRates(history),
    '1 of 20 failed (5 %), 1 of 20 inconclusive (5 %), 1 of 20 broken (5 %), true after 0.20 s, 3.10 s at most',
  )
  t.is(history && troublesOf(history).length, 3)
  t.true(history && isFlaky(history))
})

test('a rate below ten percent has a decimal, so that one in 200 is not nothing', (t) => {
  const history = historyOf(...Array.from({ length: 199 }, () => judged('passed')), judged('failed'))
  t.regex(history ? renderRates(history) : '', /^1 of 200 failed \(0\.5 %\)/)
})

test('what another try told is settled: not flaky, and yet not steady', (t) => {
  const history = historyOf(judged('passed', 100, { otherTries: [judged('error')] }), judged('passed'))
  t.is(history?.settled, 1)
  t.true(history && isUnsteady(history))
  t.false(history && isFlaky(history))
  t.regex(history ? renderRates(history) : '', /^passed 2 of 2, 1 settled by another try/)
})

test('what stayed inconclusive after another try counts as inconclusive alone', (t) => {
  const history = historyOf(judged('error', 100, { otherTries: [judged('error')] }))
  t.is(history?.settled, 0)
  t.is(history?.inconclusive, 1)
})

test('a case that always failed is not flaky', (t) => {
  const history = historyOf(judged('failed'), judged('failed'))
  t.false(history && isFlaky(history))
  t.is(history?.medianMs, undefined)
})
