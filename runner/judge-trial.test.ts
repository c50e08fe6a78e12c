import test from 'ava'
import { judgeTrial } from './judge-trial.ts'
import type { Step, Trial } from './lab/lab.ts'
import type { Outcome } from './result.ts'

const source = { file: 'lab.yaml', line: 1, column: 1 }
const step = (index: number, ...cases: string[]) =>
  ({
    index,
    name: `step ${index}`,
    actions: [],
    captures: [],
    expectations: cases.map((caseName) => ({
      caseName,
      assertion: 'ping',
      parameters: {},
      claim: caseName,
      withinMs: 0,
      forMs: 0,
      source,
    })),
    source,
  }) as unknown as Step

const trial = {
  variant: {
    name: 'default',
    values: {},
    nodes: [],
    links: [],
    crashCases: [],
    steps: [step(0, 'early'), step(1), step(2, 'named', 'other')],
  },
  changedAt: 1,
  caughtBy: ['named'],
} satisfies Trial

const judge = (verdicts: Record<string, Outcome>) => judgeTrial(trial, new Map(Object.entries(verdicts)))

test('a mutation whose named case fails is caught, whatever the others say', (t) => {
  t.deepEqual(judge({ early: 'passed', named: 'failed', other: 'error' }), { outcome: 'passed', caught: true })
})

test('a mutation whose named case passes has survived, and that is a failure', (t) => {
  const { outcome, caught, message } = judge({ early: 'passed', named: 'passed', other: 'failed' })
  t.deepEqual([outcome, caught], ['failed', false])
  t.is(message, 'passed in spite of the mistake: "named" (passed)')
})

test('a named case that could not be judged catches nothing', (t) => {
  for (const verdict of ['error', 'skipped'] as const) t.is(judge({ early: 'passed', named: verdict }).outcome, 'error')
  t.is(judge({ early: 'passed' }).outcome, 'error')
})

test('beside a case that could not be judged a survivor is one of which another try tells', (t) => {
  const both = { ...trial, caughtBy: ['named', 'other'] }
  const verdicts = new Map<string, Outcome>([
    ['early', 'passed'],
    ['named', 'error'],
    ['other', 'passed'],
  ])
  t.is(judgeTrial(both, verdicts).outcome, 'error')
})

test('what goes wrong before the mistake is made proves nothing', (t) => {
  const { outcome, message } = judge({ early: 'failed', named: 'failed' })
  t.is(outcome, 'error')
  t.is(message, 'before the mistake was made, this went wrong: "early" (failed)')
})
