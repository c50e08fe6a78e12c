import test from 'ava'
import { counter } from './counter.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const parse = (wanted: object) => counter.parameters.parse({ on: 'switch', of: 'pings', ...wanted })
const judge = (wanted: object, recording = 'counter/three') =>
  counter.judge(parse(wanted), [recorded(recording)], world)

test('a rule that counts is found by its comment, a counter by its name', (t) => {
  t.deepEqual(judge({ count: 3 }), { verdict: 'passed', found: '"pings" on switch has counted 3 packets' })
  t.is(judge({ of: 'tries', count: 3 }).verdict, 'passed')
  t.is(judge({ count: 2 }).verdict, 'failed')
  t.is(judge({ 'at-least': 4 }).verdict, 'failed')
  t.is(judge({ 'at-most': 3 }).verdict, 'passed')
})

test('a rule that is not there makes the claim false, also when none is to be counted', (t) => {
  t.is(judge({ count: 0 }, 'counter/empty').verdict, 'failed')
  t.is(judge({ of: 'nosuch', count: 0 }).verdict, 'failed')
})

test('a rule that does not count, and a node that does not answer, tell nothing', (t) => {
  t.is(judge({ of: 'uncounted', count: 0 }).verdict, 'inconclusive')
  t.is(judge({ count: 0 }, 'ping/no-namespace').verdict, 'inconclusive')
  t.is(judge({ count: 0 }, 'common/no-tool-in-namespace').verdict, 'inconclusive')
})

test('a claim reads as a sentence', (t) => {
  t.is(counter.claim(parse({ count: 1 })), '"pings" on switch has counted 1 packet')
  t.is(counter.claim(parse({ 'at-least': 2 })), '"pings" on switch has counted at least 2 packets')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    counter,
    { on: 'switch', of: 'EtherType' },
    {
      'How many packets will "EtherType" on switch have counted?': [
        { count: 0 },
        { count: 1 },
        { 'at-least': 2, 'at-most': 5 },
      ],
    },
  )
})
