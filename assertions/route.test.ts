import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { route } from './route.ts'

const world = { addresses: {} }
const parse = (wanted: object) => route.parameters.parse({ on: 'left', to: '10.0.2.0/24', ...wanted })
const judge = (wanted: object, recording: string) => route.judge(parse(wanted), [recorded(recording)], world)

test('an entry of the table matches by its next hop and interface', (t) => {
  t.is(judge({}, 'route/show').verdict, 'passed')
  t.deepEqual(judge({ via: '10.0.1.1', dev: 'eth1' }, 'route/show'), {
    verdict: 'passed',
    found: 'left has a route to 10.0.2.0/24 via 10.0.1.1 dev eth1',
  })
  t.is(judge({ via: '10.0.1.9' }, 'route/show').verdict, 'failed')
  t.is(judge({ dev: 'eth2' }, 'route/show').verdict, 'failed')
  t.is(judge({ to: 'default', has: { metric: 50 } }, 'route/show-default').verdict, 'passed')
  t.is(judge({ via: '2001:db8:1:0::1', has: { protocol: 'bird' } }, 'route/show-v6').verdict, 'passed')
})

test('one of several next hops is enough', (t) => {
  t.is(judge({ via: '10.0.1.3', dev: 'eth1' }, 'route/show-multipath').verdict, 'passed')
  t.is(judge({ via: '10.0.1.4' }, 'route/show-multipath').verdict, 'failed')
})

test('an address is judged by what the kernel would do', (t) => {
  t.is(judge({ to: '10.0.2.2', via: '10.0.1.1' }, 'route/get').verdict, 'passed')
  t.is(judge({ to: '10.0.2.2', from: '10.0.1.2', dev: 'eth1' }, 'route/get-from').verdict, 'passed')
  t.is(judge({ to: '10.0.2.2' }, 'route/get-no-route').verdict, 'failed')
  t.is(judge({ to: '10.0.2.2', is: 'absent' }, 'route/get-no-route').verdict, 'passed')
  t.is(judge({ to: '10.0.7.1', is: 'absent' }, 'route/get-unreachable').verdict, 'passed')
})

test('no entry, and no table, is no route', (t) => {
  for (const recording of ['route/show-absent', 'route/no-table']) {
    t.is(judge({}, recording).verdict, 'failed')
    t.is(judge({ is: 'absent' }, recording).verdict, 'passed')
  }
  t.is(judge({ is: 'absent' }, 'route/show').verdict, 'failed')
  t.is(judge({ is: 'absent', via: '10.0.1.9' }, 'route/show').verdict, 'passed')
})

test('an entry that refuses packets is a route only for who asks for it', (t) => {
  t.is(judge({ to: '10.0.7.0/24' }, 'route/show-unreachable').verdict, 'failed')
  t.is(judge({ to: '10.0.7.0/24', has: { type: 'unreachable' } }, 'route/show-unreachable').verdict, 'passed')
})

test('a wrong table name and a missing node tell nothing', (t) => {
  t.is(judge({ is: 'absent', table: 'nosuch' }, 'route/bad-table').verdict, 'inconclusive')
  t.is(judge({ is: 'absent' }, 'ping/no-namespace').verdict, 'inconclusive')
})

test('a prefix asks the table, an address the kernel', (t) => {
  const argv = (wanted: object) =>
    route.probe(parse(wanted), world).map((p) => p.kind === 'command' && p.argv.join(' '))
  t.deepEqual(argv({}), ['ip -4 -j route show exact 10.0.2.0/24 table main'])
  t.deepEqual(argv({ to: '::/0', table: 100 }), ['ip -6 -j route show exact default table 100'])
  t.deepEqual(argv({ to: '10.0.2.2', from: '10.0.1.2' }), ['ip -j route get 10.0.2.2 from 10.0.1.2'])
})

test('a claim reads as a sentence', (t) => {
  t.is(route.claim(parse({ via: '10.0.1.1', table: 100 })), 'left has a route to 10.0.2.0/24 via 10.0.1.1 in table 100')
  t.is(route.claim(parse({ is: 'absent' })), 'left has no route to 10.0.2.0/24')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    route,
    { on: 'r1', to: '10.0.4.0/24' },
    {
      'Which route to 10.0.4.0/24 will r1 have, if any?': [
        {},
        { is: 'absent' },
        { via: '10.0.12.2', dev: 'eth1', has: { protocol: 'bird' } },
        { via: '10.0.12.2', is: 'absent' },
      ],
      'Which route to 10.0.4.0/24 will r1 have in table 100, if any?': [{ table: 100 }, { table: 100, is: 'absent' }],
      'Which route to 10.0.4.10 from 10.0.1.2 will r1 have, if any?': [
        { to: '10.0.4.10', from: '10.0.1.2', dev: 'eth1' },
        { to: '10.0.4.10', from: '10.0.1.2', is: 'absent' },
      ],
    },
  )
})

test('a table goes with a prefix and a source with an address', (t) => {
  for (const wrong of [
    { to: '10.0.2.2', table: 100 },
    { from: '10.0.1.2' },
    { to: '-6' },
    { table: '-6' },
    { dev: '-x' },
  ]) {
    t.false(route.parameters.safeParse({ on: 'left', to: '10.0.2.0/24', ...wrong }).success)
  }
})

const answerOf = (stdout: string) => ({ exitCode: 0, stdout, stderr: '', timedOut: false })

test('default is that of either family, unless the next hop or the prefix says which', (t) => {
  const commands = (wanted: object) =>
    route.probe(parse({ to: 'default', ...wanted }), world).map((p) => p.kind === 'command' && p.argv[1])
  t.deepEqual(commands({}), ['-4', '-6'])
  t.deepEqual(commands({ via: 'fd00::2' }), ['-6'])
  t.deepEqual(commands({ to: '0.0.0.0/0' }), ['-4'])
  const onlyIpv6 = [answerOf('[]'), answerOf('[{"dst":"default","gateway":"fd00::2","dev":"eth1"}]')]
  t.is(route.judge(parse({ to: 'default', is: 'absent' }), onlyIpv6, world).verdict, 'failed')
  t.is(route.judge(parse({ to: 'default' }), onlyIpv6, world).verdict, 'passed')
  const unread = [answerOf('[]'), answerOf('')]
  t.is(route.judge(parse({ to: 'default', is: 'absent' }), unread, world).verdict, 'inconclusive')
})

test('no route by an interface, or from an address, that is not there tells nothing', (t) => {
  const judgeAll = (wanted: object, ...answers: string[]) =>
    route.judge(
      parse({ is: 'absent', ...wanted }),
      answers.map((name) => recorded(name)),
      world,
    ).verdict
  t.is(judgeAll({ dev: 'eht1' }, 'route/show-absent', 'link/absent'), 'inconclusive')
  t.is(judgeAll({ dev: 'bridge0' }, 'route/show-absent', 'link/bridge'), 'passed')
  const from = parse({ to: '10.0.2.2', from: '10.0.1.9', is: 'absent' })
  t.is(route.judge(from, [recorded('route/get-no-route'), answerOf('[{},{}]')], world).verdict, 'inconclusive')
  t.is(route.judge(from, [recorded('route/get-no-route'), answerOf('[{"ifname":"eth1"}]')], world).verdict, 'passed')
})
