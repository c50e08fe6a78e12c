import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { ospfNeighbour } from './ospf-neighbour.ts'

const world = { addresses: {} }
const daemons = [
  { daemon: 'bird', of: '10.0.1.2' },
  { daemon: 'frr', of: '10.0.8.2' },
] as const
const parse = (wanted: object) => ospfNeighbour.parameters.parse({ on: 'r1', of: '10.0.1.2', ...wanted })
const judge = (wanted: object, ...recordings: readonly string[]) =>
  ospfNeighbour.judge(
    parse(wanted),
    recordings.map((recording) => recorded(recording)),
    world,
  )

for (const base of daemons) {
  const of = (wanted: object, recording: string) => judge({ ...base, ...wanted }, `${base.daemon}/${recording}`)

  test(`${base.daemon}: a neighbour is in a state, on an interface`, (t) => {
    t.deepEqual(of({}, 'neighbours'), { verdict: 'passed', found: `OSPF on r1 is full on eth1 with ${base.of}` })
    t.is(of({ dev: 'eth1' }, 'neighbours').verdict, 'passed')
    t.is(of({ dev: 'eth2' }, 'neighbours').verdict, 'failed')
    t.is(of({ is: '2-way' }, 'neighbours').verdict, 'failed')
    t.is(of({ is: 'absent' }, 'neighbours').verdict, 'failed')
  })

  test(`${base.daemon}: a neighbour that is not in the list is absent`, (t) => {
    t.is(of({ of: '10.9.9.9', is: 'absent' }, 'neighbours').verdict, 'passed')
    t.is(of({ is: 'absent' }, 'no-neighbours').verdict, 'passed')
    t.deepEqual(of({}, 'no-neighbours'), { verdict: 'failed', found: `OSPF on r1 has no neighbour ${base.of}` })
  })

  test(`${base.daemon}: a daemon that does not run, or prints nothing, tells nothing`, (t) => {
    const silent = base.daemon === 'bird' ? 'neighbours-not-running' : 'not-running'
    for (const is of ['absent', 'full'])
      t.is(judge({ ...base, is }, `${base.daemon}/${silent}`).verdict, 'inconclusive')
    for (const answer of [
      { exitCode: 0, stdout: '', stderr: '', timedOut: false },
      { exitCode: 0, stdout: '{}\n', stderr: '', timedOut: false },
      recorded('ping/no-namespace'),
      recorded('common/no-tool-in-namespace'),
    ])
      t.is(ospfNeighbour.judge(parse({ ...base, is: 'absent' }), [answer], world).verdict, 'inconclusive')
  })
}

test('who asks BIRD where FRR may be meant hears how to ask that', (t) => {
  t.regex(judge({}, 'bird/neighbours-not-running').found, / \(where FRR runs: daemon: frr\)$/)
})

test('an FRR in which no OSPF is set up is named as that', (t) => {
  const answer = { exitCode: 0, stdout: '{}\n', stderr: '', timedOut: false }
  t.is(ospfNeighbour.judge(parse({ daemon: 'frr' }), [answer], world).found, 'OSPF on r1: FRR has none set up')
})

test('what BIRD says of another protocol, and FRR of none, is no list of neighbours', (t) => {
  for (const recording of ['neighbours-unknown', 'neighbours-other'])
    t.is(judge({ is: 'absent' }, `bird/${recording}`).verdict, 'inconclusive', recording)
  for (const recording of ['no-ospf', 'no-vrf', 'unknown-command'])
    t.is(judge({ daemon: 'frr', is: 'absent' }, `frr/${recording}`).verdict, 'inconclusive', recording)
})

test('nobody is absent from an interface that is not there', (t) => {
  t.is(judge({ is: 'absent', dev: 'eth9' }, 'bird/no-neighbours', 'link/absent').verdict, 'inconclusive')
})

test('each daemon is asked in its own way', (t) => {
  t.like(ospfNeighbour.probe(parse({ protocol: 'core', socket: '/run/r1.ctl' }), world)[0], {
    argv: ['birdc', '-r', '-s', '/run/r1.ctl', 'show', 'ospf', 'neighbors', 'core'],
  })
  t.like(ospfNeighbour.probe(parse({ daemon: 'frr', socket: '/run/frr/r1' }), world)[0], {
    argv: ['vtysh', '--vty_socket', '/run/frr/r1', '-c', 'show ip ospf neighbor json'],
  })
  t.false(ospfNeighbour.parameters.safeParse({ on: 'r1', of: '1.1.1.1', daemon: 'frr', protocol: 'core' }).success)
  t.false(ospfNeighbour.parameters.safeParse({ on: 'r1', of: 'r2' }).success)
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(ospfNeighbour.claim(parse({ dev: 'eth1' })), 'OSPF on r1 is full with 10.0.1.2 on eth1')
  t.is(ospfNeighbour.claim(parse({ is: 'absent' })), 'OSPF on r1 has no neighbour 10.0.1.2')
  asks(
    t,
    ospfNeighbour,
    { on: 'r1', of: '10.0.1.2' },
    { 'In which state will OSPF on r1 be with 10.0.1.2, if in any?': [{}, { is: 'absent' }, { is: 'init' }] },
  )
})
