import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fixtureEvents, retriedEvents } from '../fixtures/fixture.ts'
import { findUnbalanced } from '../fixtures/markup.ts'
import { renderTrend } from '../html/repetitions.ts'
import { buildHistory } from './history.ts'
import { renderHistoryHtml } from './history-html.ts'

const hanging = 'The cable hangs in the air'

/** The recorded run on another day, with another outcome and time of one case. */
const runOn = (day: number, outcome: 'passed' | 'failed' | 'error', durationMs = 100): RunEvent[] =>
  fixtureEvents('passed').map((event) => {
    if (event.type === 'run-started') return { ...event, run: `run${day}`, startedAt: `2026-01-0${day}T00:00:00.000Z` }
    return event.type === 'case-finished' && event.case.startsWith(hanging) ? { ...event, outcome, durationMs } : event
  })

/** One in which the first try could not tell, and the second did. */
const retriedOn = (day: number): RunEvent[] =>
  retriedEvents('passed').map((event) =>
    event.type === 'run-started' ? { ...event, run: `run${day}`, startedAt: `2026-01-0${day}T00:00:00.000Z` } : event,
  )

test('a run that comes twice counts once', (t) => {
  const { runs, cases } = buildHistory([runOn(1, 'passed'), runOn(1, 'passed')])
  t.is(runs.length, 1)
  t.is(cases[0]?.judgings.length, 1)
})

test('runs are told in the order of their time, with how often each case passed', (t) => {
  const { runs, cases } = buildHistory([runOn(3, 'passed'), runOn(1, 'passed'), runOn(2, 'failed')])
  t.deepEqual(
    runs.map(({ run }) => run),
    ['run1', 'run2', 'run3'],
  )
  const [first] = cases
  t.regex(first?.name ?? '', new RegExp(hanging))
  t.deepEqual(
    first?.judgings.map(({ judged: { outcome } }) => outcome),
    ['passed', 'failed', 'passed'],
  )
  t.is(first?.changes, 2)
})

test('the time is the median of what passed, and its trend that of the newer half', (t) => {
  const runs = [100, 100, 200, 220].map((durationMs, index) => runOn(index + 1, 'passed', durationMs))
  const one = buildHistory([...runs, runOn(5, 'error', 9000)]).cases[0]
  t.is(one?.medianMs, 150)
  t.is(one?.slowestMs, 220)
  t.is(renderTrend(one?.trend), '110 % slower')
})

test('what another try settled is counted apart from what could not be told', (t) => {
  const { cases } = buildHistory([retriedEvents('passed'), fixtureEvents('passed')])
  t.is(cases[0]?.settled, 1)
  t.deepEqual([...new Set(cases.map(({ inconclusive }) => inconclusive))], [0])
})

test('mutations are no history of a case', (t) => {
  t.deepEqual(buildHistory([fixtureEvents('mutations')]).cases, [])
})

test('each night has the rates of all its cases, and how long they took, the newest at the top', (t) => {
  const again = runOn(2, 'passed', 5000).map((event) =>
    event.type === 'run-started' ? { ...event, run: 'again' } : event,
  )
  const { nights, cases } = buildHistory([runOn(1, 'failed'), retriedOn(3), runOn(2, 'error'), again])
  const each = cases.length
  t.deepEqual(
    nights.map(({ day, runs, judgings }) => [day, runs, judgings.length]),
    [
      ['2026-01-03', 1, each],
      ['2026-01-02', 2, 2 * each],
      ['2026-01-01', 1, each],
    ],
  )
  const [third, second, first] = nights
  t.like(third, { failed: 0, inconclusive: 0, outcome: 'passed', settled: each })
  t.like(second, { failed: 0, inconclusive: 1, outcome: 'error', slowestMs: 5000 })
  t.like(first, { failed: 1, inconclusive: 0, outcome: 'failed' })
  const page = renderHistoryHtml({ nights, cases, runs: [] })
  t.is(findUnbalanced(page), undefined)
  t.regex(page, /2026-01-01<\/th><td class="number">1<\/td><td class="number">3<\/td><td class="number">1 \(33 %\)</)
  t.notRegex(renderHistoryHtml(buildHistory([runOn(1, 'passed')])), /Night by night/)
})

test('the page nests well and asks for nothing', (t) => {
  const page = renderHistoryHtml(buildHistory([runOn(1, 'passed'), runOn(2, 'failed')]))
  t.is(findUnbalanced(page), undefined)
  t.notRegex(page, /src=|<script/)
})
