import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { ping } from './ping.ts'

const world = { addresses: { container: '10.0.3.78' } }
const reach = { from: 'host', to: '10.0.3.78', is: 'reachable' } as const
const miss = { from: 'host', to: '10.0.3.78', is: 'unreachable' } as const

function verdicts(recording: string) {
  const answers = [recorded(`ping/${recording}`)]
  return [ping.judge(reach, answers, world).verdict, ping.judge(miss, answers, world).verdict]
}

const found = (recording: string) => ping.judge(miss, [recorded(`ping/${recording}`)], world).found

test('a reply makes a node reachable, by IPv4 and IPv6', (t) => {
  t.deepEqual(verdicts('answered'), ['passed', 'failed'])
  t.deepEqual(verdicts('answered-v6'), ['passed', 'failed'])
  t.is(found('answered-thrice'), 'host got 3 of 3 pings answered by 10.0.3.78')
})

test('packets that were sent and not answered make a node unreachable', (t) => {
  t.deepEqual(verdicts('unanswered'), ['failed', 'passed'])
  t.deepEqual(verdicts('blackholed-by-router'), ['failed', 'passed'])
  t.is(found('unanswered'), 'host got no answer from 10.0.3.78 to 3 pings')
})

test("nobody's answer to the node's own ARP or neighbour solicitation is no answer", (t) => {
  t.deepEqual(verdicts('host-unreachable'), ['failed', 'passed'])
  t.deepEqual(verdicts('host-unreachable-v6'), ['failed', 'passed'])
})

test('an error from a router is no answer, and is named', (t) => {
  t.deepEqual(verdicts('error-from-router'), ['failed', 'passed'])
  t.is(
    found('error-from-router'),
    'host got no answer from 10.0.3.78 to 3 pings (10.0.1.1 reported: Destination Net Unreachable)',
  )
})

test('a node that has no way itself reaches nobody, but proves of nobody that they are unreachable', (t) => {
  for (const recording of ['no-route', 'no-route-v6', 'own-link-down', 'hard-unreachable', 'too-long']) {
    t.deepEqual(verdicts(recording), ['failed', 'inconclusive'], recording)
  }
  t.is(found('no-route'), 'host could not ping 10.0.3.78: no route to it (Network is unreachable)')
  t.is(found('hard-unreachable'), 'host could not ping 10.0.3.78: its route refuses packets (No route to host)')
  t.is(found('too-long'), 'host could not ping 10.0.3.78: the packet is too long for the path, mtu 1500')
})

test("what the node's own firewall refused was not sent, though ping counts it", (t) => {
  t.is(verdicts('dropped-at-output')[1], 'inconclusive')
  t.is(verdicts('dropped-at-output-v6')[1], 'inconclusive')
  t.is(found('dropped-at-output'), "host could not ping 10.0.3.78: the node's own kernel discarded the packets")
})

test('a missing namespace, tool or name says nothing, each in its own words', (t) => {
  const judge = (name: string) => ping.judge(miss, [recorded(name)], world)
  t.deepEqual(judge('ping/no-namespace'), {
    verdict: 'inconclusive',
    found: 'host could not ping 10.0.3.78: the network namespace "absent" does not exist',
  })
  t.deepEqual(judge('common/no-tool-in-namespace'), {
    verdict: 'inconclusive',
    found: 'host could not ping 10.0.3.78: "nosuch-tool" is not installed',
  })
  t.is(judge('ping/bad-address').verdict, 'inconclusive')
  t.is(judge('common/no-permission').verdict, 'inconclusive')
})

test('a ping that ran out of time says nothing', (t) => {
  const answer = { ...recorded('ping/unanswered'), timedOut: true }
  t.is(ping.judge(miss, [answer], world).verdict, 'inconclusive')
  t.is(ping.judge(miss, [], world).verdict, 'inconclusive')
})

test('output that is no output of ping says nothing', (t) => {
  const answer = { exitCode: 0, stdout: 'PONG\n', stderr: '', timedOut: false }
  t.is(ping.judge(reach, [answer], world).verdict, 'inconclusive')
})

test('duplicated replies are counted in what was found', (t) => {
  t.deepEqual(verdicts('duplicated'), ['passed', 'failed'])
  t.regex(found('duplicated'), /, and \d+ duplicates$/)
})

test('a reachable claim sends one packet, an unreachable claim three', (t) => {
  t.like(ping.probe(reach, world)[0], { node: 'host', argv: ['ping', '-n', '-c', '1', '-W', '1', '10.0.3.78'] })
  const [probe] = ping.probe(miss, world)
  t.regex(probe?.kind === 'command' ? probe.argv.join(' ') : '', /; ping "\$@".* sh -n -c 3 -i 0.2 -W 1 10\.0\.3\.78$/s)
})

test('an answer that must not come is waited for as long as round trips suggest, one that must always for a second', (t) => {
  const knowing = { ...world, slowestRoundTripMs: 20 }
  const [probe] = ping.probe(miss, knowing)
  t.regex(probe?.kind === 'command' ? probe.argv.join(' ') : '', / -c 3 -i 0\.2 -W 0\.4 10\.0\.3\.78$/)
  t.like(probe, { silenceMs: 400 })
  t.like(ping.probe(reach, knowing)[0], {
    argv: ['ping', '-n', '-c', '1', '-W', '1', '10.0.3.78'],
    silenceMs: undefined,
  })
  t.like(ping.probe(miss, { ...world, slowestRoundTripMs: 60 })[0], { silenceMs: 1000 })
})

test('the slowest round trip is told of pings that were answered', (t) => {
  const trip = (recording: string) => ping.judge(reach, [recorded(`ping/${recording}`)], world).roundTripMs
  t.is(trip('answered'), 0.288)
  t.true((trip('answered-v6') ?? 0) > 0)
  const times = [...recorded('ping/answered-thrice').stdout.matchAll(/time=(\S+)/g)].map(([, time]) => Number(time))
  t.is(times.length, 3)
  t.is(trip('answered-thrice'), Math.max(...times))
  t.is(trip('unanswered'), undefined)
  t.is(trip('host-unreachable'), undefined)
})

test('a node is pinged by the address that it declares', (t) => {
  const parameters = { ...reach, to: 'container', size: 1400, df: true }
  t.like(ping.probe(parameters, world)[0], {
    argv: ['ping', '-n', '-c', '1', '-W', '1', '-s', '1400', '-M', 'do', '10.0.3.78'],
  })
  t.throws(() => ping.probe({ ...reach, to: 'nobody' }, world), { message: /declares no address/ })
  t.deepEqual(ping.references(parameters), [
    { kind: 'node', name: 'host', path: ['from'] },
    { kind: 'address-of', name: 'container', path: ['to'] },
  ])
})

test('only a positive claim waits', (t) => {
  t.is(ping.defaultWithinMs(reach), 5000)
  t.is(ping.defaultWithinMs(miss), 0)
})

test('a claim reads as a sentence', (t) => {
  t.is(ping.claim(reach), 'host reaches 10.0.3.78')
  t.is(ping.claim(miss), 'host cannot reach 10.0.3.78')
  t.is(ping.claim({ ...miss, size: 1422, df: true }), 'host cannot reach 10.0.3.78 with 1422 bytes unfragmented')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    ping,
    { from: 'a1', to: '10.0.0.12' },
    {
      'Will a1 reach 10.0.0.12?': [{ is: 'reachable' }, { is: 'unreachable' }],
      'Will a1 reach 10.0.0.12 with 1422 bytes unfragmented?': [
        { is: 'reachable', size: 1422, df: true },
        { is: 'unreachable', size: 1422, df: true },
      ],
      'Will a1 reach 10.0.0.12 with unfragmented packets?': [{ is: 'unreachable', df: true }],
    },
  )
})

test('what could be an option of ping, or is no address, is refused', (t) => {
  for (const to of ['-f', '--help', '10.0.3', '10.0.3.256', 'a b', '', 'x;reboot']) {
    t.false(ping.parameters.safeParse({ ...reach, to }).success, to)
  }
  t.false(ping.parameters.safeParse({ ...reach, from: '-n' }).success)
  t.false(ping.parameters.safeParse({ ...reach, form: 'x' }).success)
  t.false(ping.parameters.safeParse({ ...reach, is: 'up' }).success)
  t.true(ping.parameters.safeParse({ ...reach, to: 'fe80::1%eth0' }).success)
})

test('fewer pings than were asked for, or from a node without its address, prove nothing', (t) => {
  t.is(ping.judge(miss, [recorded('ping/unanswered-once')], world).verdict, 'inconclusive')
  const { stdout, ...rest } = recorded('ping/unanswered')
  const answer = { ...rest, stdout: `The node lacks its 10.0.3.1\n${stdout}` }
  t.is(ping.judge(miss, [answer], world).verdict, 'inconclusive')
})
