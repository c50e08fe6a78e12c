import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { frrRoute } from './frr-route.ts'

const world = { addresses: {} }
const parse = (wanted: object = {}) => frrRoute.parameters.parse({ on: 'r1', to: '10.0.9.0/24', ...wanted })
const judge = (wanted: object, recording: string) =>
  frrRoute.judge(parse(wanted), [recorded(`frr/${recording}`)], world)

test('FRR chose a route, with its next hop, interface and protocol', (t) => {
  t.deepEqual(judge({}, 'route'), {
    verdict: 'passed',
    found: 'FRR on r1 has a route to 10.0.9.0/24 via 10.0.8.2 dev eth1 from ospf',
  })
  t.is(judge({ via: '10.0.8.2', dev: 'eth1', protocol: 'ospf' }, 'route').verdict, 'passed')
  for (const wanted of [{ via: '10.0.8.3' }, { dev: 'eth2' }, { is: 'absent' }])
    t.is(judge(wanted, 'route').verdict, 'failed', JSON.stringify(wanted))
})

test('a route that FRR has but did not choose counts for nothing', (t) => {
  t.is(judge({ protocol: 'static' }, 'route').verdict, 'failed')
  t.is(judge({ protocol: 'static', is: 'absent' }, 'route').verdict, 'passed')
})

test('a prefix to which FRR has no route is told by an empty answer', (t) => {
  t.deepEqual(judge({}, 'no-route'), { verdict: 'failed', found: 'FRR on r1 has no route to 10.0.9.0/24' })
  t.is(judge({ is: 'absent' }, 'no-route').verdict, 'passed')
})

test('an FRR that does not answer, and a VRF that is not there, tell nothing', (t) => {
  for (const recording of ['route-not-running', 'route-no-vrf', 'unknown-command', 'neighbours'])
    t.is(judge({ is: 'absent' }, recording).verdict, 'inconclusive', recording)
  const answers = [
    { exitCode: 0, stdout: '', stderr: '', timedOut: false },
    { exitCode: 0, stdout: '[]', stderr: '', timedOut: false },
    recorded('common/no-tool-in-namespace'),
  ]
  for (const answer of answers) t.is(frrRoute.judge(parse({ is: 'absent' }), [answer], world).verdict, 'inconclusive')
  t.is(frrRoute.judge(parse({ is: 'absent' }), [], world).verdict, 'inconclusive')
  const noDevice = [recorded('frr/no-route'), recorded('link/absent')]
  t.is(frrRoute.judge(parse({ is: 'absent', dev: 'eth9' }), noDevice, world).verdict, 'inconclusive')
})

test('FRR is asked by family and VRF', (t) => {
  t.like(frrRoute.probe(parse({ socket: '/run/frr/r1', vrf: 'red' }), world)[0], {
    argv: ['vtysh', '--vty_socket', '/run/frr/r1', '-c', 'show ip route vrf red 10.0.9.0/24 json'],
  })
  t.like(frrRoute.probe(parse({ to: 'fd00::/64' }), world)[0], {
    argv: ['vtysh', '-c', 'show ipv6 route fd00::/64 json'],
  })
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(
    frrRoute.claim(parse({ via: '10.0.8.2', protocol: 'ospf', vrf: 'red' })),
    'FRR on r1 has a route to 10.0.9.0/24 via 10.0.8.2 from ospf in VRF red',
  )
  asks(
    t,
    frrRoute,
    { on: 'r1', to: '10.0.9.0/24' },
    { 'Which route to 10.0.9.0/24 will FRR on r1 have, if any?': [{}, { is: 'absent' }, { dev: 'eth1' }] },
  )
})
