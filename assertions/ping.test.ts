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
  t.regex(probe?.kind === 'command' ? probe.argv.join(' ') : '', /; ping "\$@".* sh -n -c 3 -i 0.1 -W 1 10\.0\.3\.78$/s)
})

test('an answer that must not come is waited for as long as round trips suggest, one that must always for a second', (t) => {
  const knowing = { ...world, slowestRoundTripMs: 20 }
  const [probe] = ping.probe(miss, knowing)
  t.regex(probe?.kind === 'command' ? probe.argv.join(' ') : '', / -c 3 -i 0\.1 -W 0\.4 10\.0\.3\.78$/)
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

const parse = (wanted: object) => ping.parameters.parse({ from: 'host', to: '10.0.3.78', ...wanted })

test('a node that refuses to send is told apart from silence, by the cause', (t) => {
  const verdict = (recording: string, because?: string) =>
    ping.judge(parse({ is: 'not-sent', because }), [recorded(`ping/${recording}`)], world).verdict
  for (const cause of ['no-route', 'unreachable', 'prohibited', 'blackholed', 'too-long']) {
    t.is(verdict(`not-sent-${cause}`), 'passed', cause)
    t.is(verdict(`not-sent-${cause}`, cause), 'passed', cause)
    t.is(verdict(`not-sent-${cause}`, cause === 'no-route' ? 'prohibited' : 'no-route'), 'failed', cause)
  }
  t.is(verdict('not-sent-prohibited-v6', 'prohibited'), 'passed')
  for (const recording of ['answered', 'nobody']) t.is(verdict(`not-sent-${recording}`), 'failed', recording)
  for (const recording of ['not-sent-broadcast', 'no-source', 'no-dev', 'dropped-at-output', 'no-namespace'])
    t.is(verdict(recording), 'inconclusive', recording)
})

test('a share of pings is answered, of all that were to be sent', (t) => {
  const judge = (wanted: object, recording: string) =>
    ping.judge(parse({ is: 'reachable', ...wanted }), [recorded(`ping/${recording}`)], world)
  t.deepEqual(judge({ 'at-least': 50, 'at-most': 50 }, 'half-of-twenty'), {
    verdict: 'passed',
    found: 'host got 10 of 20 pings answered by 10.0.3.78',
    roundTripMs: 0.097,
  })
  t.is(judge({ 'at-least': 60 }, 'half-of-twenty').verdict, 'failed')
  t.is(judge({ 'at-most': 40 }, 'half-of-twenty').verdict, 'failed')
  t.is(judge({ 'at-least': 100 }, 'all-of-twenty').verdict, 'passed')
  t.is(judge({ 'at-least': 40, pings: 30 }, 'half-of-twenty').verdict, 'inconclusive')
  t.is(judge({ 'at-most': 40 }, 'unanswered').verdict, 'failed')
  t.is(judge({ 'at-least': 40 }, 'no-source').verdict, 'inconclusive')
  t.like(ping.probe(parse({ is: 'reachable', 'at-least': 90, pings: 10 }), world)[0], {
    argv: ['ping', '-n', '-c', '10', '-i', '0.1', '-W', '1', '10.0.3.78'],
  })
  t.is(ping.defaultWithinMs(parse({ is: 'reachable', 'at-most': 90 })), 0)
  t.is(ping.defaultWithinMs(parse({ is: 'reachable', 'at-least': 90 })), 5000)
})

test('a node pings from an address and by an interface or VRF', (t) => {
  const way = { source: '10.0.3.1', dev: 'red' }
  t.like(ping.probe(parse({ is: 'reachable', ...way }), world)[0], {
    argv: ['ping', '-n', '-c', '1', '-W', '1', '-I', '10.0.3.1', '-I', 'red', '10.0.3.78'],
  })
  const scriptOf = (is: string) => {
    const [probe] = ping.probe(parse({ is, ...way }), { addresses: { host: '10.0.3.2' } })
    return probe?.kind === 'command' ? probe.argv.join(' ') : ''
  }
  t.regex(scriptOf('unreachable'), /address show to 10\.0\.3\.1\).* -I 10\.0\.3\.1 -I red 10\.0\.3\.78$/s)
  t.regex(scriptOf('not-sent'), /^sh -c ip route get 10\.0\.3\.78 from 10\.0\.3\.1 oif red >/)
  t.is(ping.judge(parse({ is: 'reachable', ...way }), [recorded('ping/from-source')], world).verdict, 'passed')
  for (const recording of ['no-source', 'no-dev'])
    t.is(
      ping.judge(parse({ is: 'unreachable', ...way }), [recorded(`ping/${recording}`)], world).verdict,
      'inconclusive',
    )
})

test('a refusal, a share and a way are in the words of claim and question', (t) => {
  t.is(
    ping.claim(parse({ is: 'not-sent', because: 'no-route' })),
    'host itself refuses to ping 10.0.3.78, because: no-route',
  )
  t.is(
    ping.claim(parse({ is: 'reachable', 'at-least': 80, 'at-most': 95, dev: 'red' })),
    'host reaches 10.0.3.78 by red, which answers at least 80 and at most 95 % of 20 pings',
  )
  t.is(ping.question(parse({ is: 'not-sent', because: 'no-route' })), ping.question(parse({ is: 'reachable' })))
  t.is(
    ping.question(parse({ is: 'reachable', 'at-least': 80, source: '10.0.3.1' })),
    'How many of 20 pings of host from 10.0.3.1 will 10.0.3.78 answer?',
  )
})

test('a cause of what is sent, and a share of silence, are refused', (t) => {
  for (const wanted of [
    { is: 'reachable', because: 'no-route' },
    { is: 'unreachable', 'at-least': 50 },
    { is: 'not-sent', 'at-most': 50 },
    { is: 'reachable', 'at-least': 60, 'at-most': 50 },
    { is: 'reachable', 'at-least': 0 },
  ])
    t.false(ping.parameters.safeParse({ from: 'a', to: '10.0.3.78', ...wanted }).success, JSON.stringify(wanted))
})
