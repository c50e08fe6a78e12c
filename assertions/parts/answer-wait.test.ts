import test from 'ava'
import { answerWaitMs } from './answer-wait.ts'

test('an answer is waited for twenty times as long as the slowest round trip, within bounds', (t) => {
  const wait = (slowestRoundTripMs: number) => answerWaitMs('10.0.3.78', { slowestRoundTripMs })
  t.deepEqual([0.2, 15, 15.42, 40, 49.9, 50, 900].map(wait), [300, 300, 309, 800, 998, 1000, 1000])
})

test('without a round trip, and by IPv6, an answer is waited for in full', (t) => {
  t.is(answerWaitMs('10.0.3.78', {}), 1000)
  t.is(answerWaitMs('2001:db8::78', { slowestRoundTripMs: 0.2 }), 1000)
})

test('an answer is waited for longer where machines were held up', (t) => {
  t.is(answerWaitMs('10.0.3.78', { longerMs: 700 }), 1700)
})
