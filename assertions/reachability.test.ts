import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { judgesWhole } from './parts/whole.ts'
import { reachability } from './reachability.ts'

const world = { addresses: { cont2: '10.0.3.16', outside: '10.0.3.200' } }
const table = { cont1: { cont2: 'unreachable', outside: 'reachable' }, host: { '10.0.3.15': 'unreachable' } } as const
const answered = recorded('ping/answered')
const unanswered = recorded('ping/unanswered')

test('a table is true when each cell is', (t) => {
  const judgement = reachability.judge(table, [unanswered, answered, unanswered], world)
  t.is(judgement.verdict, 'passed')
  t.is(judgement.found, 'all 3 pairs are as in the table')
  t.deepEqual(judgement.cells?.[1], {
    row: 'cont1',
    column: 'outside',
    wanted: 'reachable',
    found: 'reachable',
    verdict: 'passed',
  })
})

test('wrong cells make the table false, and are listed', (t) => {
  const judgement = reachability.judge(table, [answered, unanswered, unanswered], world)
  t.is(judgement.verdict, 'failed')
  t.is(
    judgement.found,
    'cont1 got 3 of 3 pings answered by cont2; cont1 got no answer from outside to 3 pings'.replace('3 of 3', '1 of 1'),
  )
  t.deepEqual(
    judgement.cells?.map(({ verdict, found }) => [verdict, found]),
    [
      ['failed', 'reachable'],
      ['failed', 'unreachable'],
      ['passed', 'unreachable'],
    ],
  )
})

test('a cell that cannot be told leaves a table untold of which no cell is wrong', (t) => {
  const judgement = reachability.judge(table, [unanswered, answered, recorded('ping/no-namespace')], world)
  t.is(judgement.verdict, 'inconclusive')
  t.is(judgement.found, 'host could not ping 10.0.3.15: the network namespace "absent" does not exist')
})

test('a wrong cell makes the table false, also behind one that cannot be told, and is found first', (t) => {
  const judgement = reachability.judge(table, [recorded('ping/no-namespace'), unanswered, unanswered], world)
  t.is(judgement.verdict, 'failed')
  t.is(
    judgement.found,
    'cont1 got no answer from outside to 3 pings; cont1 could not ping cont2: the network namespace "absent" does not exist',
  )
  t.deepEqual(
    judgement.cells?.map(({ verdict }) => verdict),
    ['inconclusive', 'failed', 'passed'],
  )
})

test('an answer that is cut leaves its own cell untold', (t) => {
  const { judge } = judgesWhole(reachability)
  const cut = { ...answered, cut: true } as const
  t.is(judge(table, [unanswered, cut, unanswered], world).verdict, 'inconclusive')
  t.is(judge(table, [answered, cut, unanswered], world).verdict, 'failed')
})

test('a cell that was not answered for is untold', (t) => {
  t.is(reachability.judge(table, [unanswered], world).verdict, 'inconclusive')
})

test('every pair is one ping, in the order of the table', (t) => {
  const probes = reachability.probe(table, world)
  t.deepEqual(
    probes.map((probe) => probe.kind === 'command' && [probe.node, probe.argv.at(-1)]),
    [
      ['cont1', '10.0.3.16'],
      ['cont1', '10.0.3.200'],
      ['host', '10.0.3.15'],
    ],
  )
})

test('no pair waits longer than round trips suggest, and the slowest of the pairs is told', (t) => {
  const probes = reachability.probe(table, { ...world, slowestRoundTripMs: 1 })
  t.deepEqual(
    probes.map((probe) => probe.kind === 'command' && [probe.argv.at(-2), probe.silenceMs]),
    [
      ['0.3', 300],
      ['1', undefined],
      ['0.3', 300],
    ],
  )
  t.is(reachability.judge(table, [unanswered, answered, unanswered], world).roundTripMs, 0.288)
  t.is(reachability.judge(table, [unanswered, unanswered, unanswered], world).roundTripMs, undefined)
})

test('the claim tells each row, and rows and columns are references', (t) => {
  t.is(reachability.claim(table), 'cont1 reaches outside but not cont2; host cannot reach 10.0.3.15')
  t.deepEqual(reachability.references(table), [
    { kind: 'node', name: 'cont1', path: ['cont1'] },
    { kind: 'address-of', name: 'cont2', path: ['cont1', 'cont2'] },
    { kind: 'address-of', name: 'outside', path: ['cont1', 'outside'] },
    { kind: 'node', name: 'host', path: ['host'] },
  ])
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    reachability,
    {},
    {
      'Will a reach b?': [{ a: { b: 'reachable' } }, { a: { b: 'unreachable' } }],
      'Who will reach whom? Fill in the table.': [
        { a: { b: 'reachable', c: 'unreachable' } },
        { a: { b: 'unreachable' }, b: { a: 'unreachable' } },
      ],
    },
  )
})

test('a table waits when it holds a positive claim', (t) => {
  t.is(reachability.defaultWithinMs(table), 5000)
  t.is(reachability.defaultWithinMs({ host: { cont2: 'unreachable' } }), 0)
})

test('an empty table, an empty row and an unknown word are refused', (t) => {
  for (const wrong of [{}, { host: {} }, { host: { cont2: 'yes' } }, { '-f': { cont2: 'reachable' } }]) {
    t.false(reachability.parameters.safeParse(wrong).success)
  }
})
