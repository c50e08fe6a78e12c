import test from 'ava'
import type { CaseFinished } from '../../runner/events.ts'
import { askAbout, questionsOf } from './question.ts'

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

test('an answer of the lab stands in place of what was found', (t) => {
  t.is(askAbout(judged('r reaches s', { found: '1 reply', answer: 'By the bridge.' })).answer, 'By the bridge.')
})

test("a step's question stands in place of those of its claims, whose answers answer it; tables stay", (t) => {
  const cell = { row: 'a', wanted: 'reachable', found: 'reachable', verdict: 'passed' } as const
  const cells = ['b', 'c'].map((column) => ({ ...cell, column }))
  const asked = ['[r] $ ping -c 3 s']
  const ofClaims = [
    askAbout(judged('r reaches s', { asked })),
    askAbout(judged('s reaches r')),
    askAbout(judged('all reach all', { cells })),
  ]
  t.deepEqual(questionsOf({}, ofClaims), ofClaims)
  const [own, table, ...more] = questionsOf({ question: 'Who hears whom?' }, ofClaims)
  t.like(own, { question: 'Who hears whom?', answer: 'r reaches s. s reaches r.', asked })
  t.is(table, ofClaims[2])
  t.deepEqual(more, [])
  t.is(questionsOf({ question: 'Who?', answer: 'All.' }, ofClaims)[0]?.answer, 'All.')
})
