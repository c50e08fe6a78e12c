import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { neighbour } from './neighbour.ts'

const world = { addresses: {} }
const eth0 = recorded('link/container-eth0')
const parse = (wanted: object) => neighbour.parameters.parse({ on: 'host', of: '10.0.3.78', ...wanted })
const judge = (wanted: object, recording: string) => neighbour.judge(parse(wanted), [recorded(recording), eth0], world)

test('a neighbour is known by its MAC address', (t) => {
  t.is(judge({}, 'neighbour/reachable').verdict, 'passed')
  t.is(judge({ mac: 'container:eth0' }, 'neighbour/reachable').verdict, 'passed')
  t.is(judge({ mac: '02:00:00:00:00:01' }, 'neighbour/reachable').verdict, 'passed')
  t.deepEqual(judge({ mac: '02:00:00:00:00:09' }, 'neighbour/reachable'), {
    verdict: 'failed',
    found: 'host has 10.0.3.78 as 02:00:00:00:00:01 behind bridge0 (reachable)',
  })
})

test('a neighbour that never answered is not known', (t) => {
  for (const recording of ['neighbour/failed', 'neighbour/none']) {
    t.is(judge({}, recording).verdict, 'failed')
    t.is(judge({ is: 'absent' }, recording).verdict, 'passed')
  }
  t.is(judge({ is: 'absent' }, 'neighbour/reachable').verdict, 'failed')
})

test('the state of an entry can be claimed', (t) => {
  t.is(judge({ is: 'reachable' }, 'neighbour/reachable').verdict, 'passed')
  t.is(judge({ is: 'failed' }, 'neighbour/failed').verdict, 'passed')
  t.is(judge({ is: 'stale' }, 'neighbour/reachable').verdict, 'failed')
})

test('a missing interface makes presence false and leaves absence open', (t) => {
  t.is(judge({ dev: 'eth9' }, 'neighbour/no-device').verdict, 'failed')
  t.is(judge({ dev: 'eth9', is: 'absent' }, 'neighbour/no-device').verdict, 'inconclusive')
  t.is(judge({}, 'ping/no-namespace').verdict, 'inconclusive')
})

test('the entry is asked for, and the MAC address of an interface too', (t) => {
  t.deepEqual(
    neighbour
      .probe(parse({ mac: 'container:eth0', dev: 'bridge0' }), world)
      .map((p) => p.kind === 'command' && p.argv.join(' ')),
    ['ip -j neighbour show to 10.0.3.78 dev bridge0 nud all', 'ip -j link show dev eth0'],
  )
})

test('a claim reads as a sentence', (t) => {
  t.is(neighbour.claim(parse({ mac: 'container:eth0' })), 'host knows 10.0.3.78 as container:eth0')
  t.is(neighbour.claim(parse({ is: 'absent' })), 'host does not know 10.0.3.78')
  t.is(neighbour.claim(parse({ is: 'stale', dev: 'bridge0' })), 'host has 10.0.3.78 behind bridge0 in state stale')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    neighbour,
    { on: 'server', of: '10.0.0.10' },
    {
      'As which MAC address will server know 10.0.0.10, if at all?': [
        {},
        { is: 'absent' },
        { mac: '02:00:00:00:00:10' },
        { mac: 'client:eth0', is: 'absent' },
      ],
      'As which MAC address will server know 10.0.0.10 behind eth1, if at all?': [
        { dev: 'eth1' },
        { dev: 'eth1', is: 'absent' },
      ],
      'In which state will server have 10.0.0.10, if at all?': [{ is: 'stale' }, { is: 'failed' }, { is: 'permanent' }],
      'In which state, and with which MAC address, will server have 10.0.0.10 behind eth1, if at all?': [
        { dev: 'eth1', mac: 'client:eth0', is: 'reachable' },
      ],
    },
  )
})

test('an entry without a MAC address has none to claim', (t) => {
  t.false(neighbour.parameters.safeParse({ on: 'host', of: '10.0.3.78', is: 'failed', mac: 'c:eth0' }).success)
})

test('an entry that ip does not list so tells nothing', (t) => {
  const answer = { exitCode: 0, stdout: '[{"dst":"10.0.3.78","mac":"02:00:00:00:00:01"}]', stderr: '', timedOut: false }
  const wanted = neighbour.parameters.parse({ on: 'host', of: '10.0.3.78', is: 'absent' })
  t.is(neighbour.judge(wanted, [answer], { addresses: {} }).verdict, 'inconclusive')
})
