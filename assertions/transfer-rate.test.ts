import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { transferRate } from './transfer-rate.ts'

const world = { addresses: { eve: '10.0.3.3' } }
const parse = (wanted: object) => transferRate.parameters.parse({ from: 'bob', to: 'eve', ...wanted })
const judge = (wanted: object, recording = 'transfer-rate/shaped') =>
  transferRate.judge(parse(wanted), [recorded(recording)], world)

test('a transfer is as fast as its receiver says', (t) => {
  t.deepEqual(judge({ 'at-least': 3.6, 'at-most': 4.4 }), {
    verdict: 'passed',
    found: 'bob sends to eve at 3.89 Mbit/s',
  })
  t.is(judge({ 'at-least': 4 }).verdict, 'failed')
  t.is(judge({ 'at-most': 3 }).verdict, 'failed')
})

test('a transfer that is slow because the machines waited tells nothing', (t) => {
  const answer = recorded('transfer-rate/shaped')
  const judgeAfter = (waitedMs: number) =>
    transferRate.judge(parse({ 'at-least': 4.2 }), [{ ...answer, waitedMs }], world)
  t.is(judgeAfter(100).verdict, 'failed')
  t.deepEqual(judgeAfter(300), {
    verdict: 'inconclusive',
    found: 'the machines were too busy to tell: bob sends to eve at 3.89 Mbit/s, and waited 300 ms of it',
  })
  const faster = transferRate.judge(parse({ 'at-most': 3 }), [{ ...answer, waitedMs: 300 }], world)
  t.is(faster.verdict, 'failed', 'waiting makes no transfer faster')
})

test('a transfer that did not happen tells nothing', (t) => {
  t.deepEqual(judge({ 'at-most': 4 }, 'transfer-rate/no-server'), {
    verdict: 'inconclusive',
    found: 'bob could not send to eve: unable to connect to server: Connection refused',
  })
  t.is(judge({ 'at-most': 4 }, 'common/no-tool-in-namespace').verdict, 'inconclusive')
  t.is(judge({ 'at-most': 4 }, 'ping/unanswered').verdict, 'inconclusive')
  t.is(transferRate.judge(parse({ 'at-most': 4 }), [], world).verdict, 'inconclusive')
})

test('iperf3 sends to the address that a node declares', (t) => {
  t.like(transferRate.probe(parse({ 'at-least': 1 }), world)[0], {
    node: 'bob',
    argv: ['iperf3', '-J', '-O', '1', '-t', '3', '-p', '5201', '-c', '10.0.3.3'],
  })
})

test('a claim reads as a sentence', (t) => {
  t.is(transferRate.claim(parse({ 'at-least': 3.6, 'at-most': 4.4 })), 'bob sends to eve at 3.6 to 4.4 Mbit/s')
  t.is(transferRate.claim(parse({ 'at-least': 40 })), 'bob sends to eve at 40 or more Mbit/s')
  t.is(transferRate.claim(parse({ 'at-most': 4 })), 'bob sends to eve at 4 or fewer Mbit/s')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    transferRate,
    { from: 'bob', to: 'eve' },
    {
      'How fast will bob send to eve?': [{ 'at-least': 40 }, { 'at-most': 4 }, { 'at-least': 3.6, 'at-most': 4.4 }],
    },
  )
})

test('a rate needs a bound, and bounds with room between', (t) => {
  const wanted = { from: 'bob', to: 'eve' }
  t.false(transferRate.parameters.safeParse(wanted).success)
  t.false(transferRate.parameters.safeParse({ ...wanted, 'at-least': 5, 'at-most': 4 }).success)
  t.false(transferRate.parameters.safeParse({ ...wanted, 'at-least': 0 }).success)
})
