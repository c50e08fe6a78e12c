import test from 'ava'
import type { CaseFinished } from '../../runner/events.ts'
import { askAbout } from './question.ts'

const judged = (wanted: string, more: Partial<CaseFinished> = {}): CaseFinished => ({
  type: 'case-finished',
  at: 0,
  scope: 's',
  step: 0,
  stepName: 's',
  case: `s: ${wanted}`,
  claim: wanted,
  question: 'Who will reach whom?',
  assertion: 'any',
  outcome: 'passed',
  wanted,
  found: wanted,
  transcript: '',
  attempts: 1,
  durationMs: 1,
  file: 'lab.yaml',
  line: 1,
  ...more,
})

test('what was found is told once when it says all that was wanted', (t) => {
  const wanted = 'at-bob holds 1 frame of "arp"'
  t.is(askAbout(judged(wanted, { found: `${wanted}, the first: x` })).answer, `${wanted}, the first: x.`)
  t.is(askAbout(judged('r reaches s', { found: '1 reply' })).answer, 'r reaches s. Seen: 1 reply.')
})

test('a table is called by its label unless that may be the claim', (t) => {
  const cell = { row: 'a', wanted: 'reachable', found: 'reachable', verdict: 'passed' } as const
  const cells = ['b', 'c'].map((column) => ({ ...cell, column }))
  const ask = (claim: string) => askAbout(judged('a reaches b, c', { cells, claim })).question
  t.is(ask('the siblings'), 'Who will reach whom (the siblings)?')
  for (const claim of ['a reaches b, c', 'all pairs: reachable']) t.is(ask(claim), 'Who will reach whom?')
})
