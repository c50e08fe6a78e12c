import test from 'ava'
import { connect } from './connect.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: { container: '10.0.3.78' } }
const parse = (wanted: object) =>
  connect.parameters.parse({ from: 'host', to: '10.0.3.78', port: 7, is: 'accepted', ...wanted })
const judge = (wanted: object, recording: string) =>
  connect.judge(parse(wanted), [recorded(`connect/${recording}`)], world)

const verdicts = (recording: string, protocol = recording.slice(0, 3)) =>
  ['accepted', 'refused', 'unanswered'].map((is) => judge({ is, protocol }, recording).verdict)

test('a connection is accepted, also by a server that says nothing', (t) => {
  t.deepEqual(verdicts('tcp-accepted'), ['passed', 'failed', 'failed'])
  t.deepEqual(verdicts('tcp-silent'), ['passed', 'failed', 'failed'])
  t.deepEqual(verdicts('udp-answered'), ['passed', 'failed', 'failed'])
})

test('a connection is refused by the other side', (t) => {
  t.deepEqual(verdicts('tcp-refused'), ['failed', 'passed', 'failed'])
  t.deepEqual(verdicts('udp-refused'), ['failed', 'passed', 'failed'])
})

test('a connection that was tried and got nothing is unanswered', (t) => {
  t.deepEqual(verdicts('tcp-unanswered'), ['failed', 'failed', 'passed'])
  t.deepEqual(verdicts('udp-unanswered'), ['failed', 'failed', 'passed'])
})

test('a node without a route gets no answer of either kind, but proves of nobody that they are silent', (t) => {
  t.deepEqual(verdicts('tcp-no-route'), ['failed', 'failed', 'inconclusive'])
})

test("a route of the node's own that refuses packets is no silence", (t) => {
  t.is(judge({ is: 'unanswered' }, 'tcp-own-route').verdict, 'inconclusive')
  t.is(judge({ is: 'unanswered', protocol: 'udp' }, 'udp-own-route').verdict, 'inconclusive')
  t.regex(judge({ is: 'unanswered' }, 'tcp-own-route').found, /its route refuses packets \(No route to host\)$/)
})

test('what was never sent tells nothing', (t) => {
  for (const recording of ['tcp-no-route', 'tcp-dropped-at-output', 'udp-dropped-at-output']) {
    t.is(verdicts(recording)[2], 'inconclusive', recording)
  }
  t.is(
    judge({ is: 'unanswered' }, 'tcp-dropped-at-output').found,
    "host could not try 10.0.3.78 port 7: the node's own kernel discarded the packets",
  )
  const answer = recorded('common/no-tool-in-shell')
  t.is(connect.judge(parse({ is: 'unanswered' }), [answer], world).verdict, 'inconclusive')
})

test('the server tells whom it saw', (t) => {
  t.deepEqual(judge({ 'seen-as': '10.0.3.1' }, 'tcp-accepted'), {
    verdict: 'passed',
    found: 'host connects to 10.0.3.78 port 7/tcp, which answers "10.0.3.1"',
  })
  t.is(judge({ 'seen-as': '10.0.3.2' }, 'tcp-accepted').verdict, 'failed')
  t.is(judge({ 'seen-as': '10.0.3.1' }, 'tcp-silent').verdict, 'failed')
  t.is(judge({ 'seen-as': '10.0.3.1', protocol: 'udp' }, 'udp-answered').verdict, 'passed')
})

test('that TCP is silent is known when its second question had time for an answer, of a datagram after two seconds', (t) => {
  const ask = (wanted: object) => connect.probe(parse(wanted), { ...world, slowestRoundTripMs: 1 })[0]
  const last = (wanted: object) => {
    const probe = ask(wanted)
    return probe?.kind === 'command' ? [probe.argv.at(-1), probe.silenceMs] : []
  }
  t.deepEqual(last({ is: 'unanswered' }), ['TCP4:10.0.3.78:7,connect-timeout=1.3', 1300])
  t.deepEqual(last({}), ['TCP4:10.0.3.78:7,connect-timeout=3', undefined])
  t.deepEqual(last({ is: 'unanswered', protocol: 'udp' }), ['UDP4:10.0.3.78:7', 2000])
  t.deepEqual(
    ask({ is: 'unanswered', protocol: 'udp' }),
    connect.probe(parse({ is: 'unanswered', protocol: 'udp' }), world)[0],
  )
})

test('an answer that must not come is waited for longer where machines were held up', (t) => {
  const ask = (wanted: object) => {
    const probe = connect.probe(parse(wanted), { ...world, longerMs: 700 })[0]
    return probe?.kind === 'command' ? [...probe.argv.slice(4), probe.silenceMs] : []
  }
  t.deepEqual(ask({ is: 'unanswered' }), ['2.7', 'TCP4:10.0.3.78:7,connect-timeout=3.7', 3700])
  t.deepEqual(ask({ is: 'unanswered', protocol: 'udp' }), ['2.7', 'UDP4:10.0.3.78:7', 2700])
})

test('who is accepted listens to what the server says as long as that is to be read, and shortly otherwise', (t) => {
  const listens = (wanted: object) => connect.probe(parse(wanted), world).map((p) => p.kind === 'command' && p.argv[4])
  t.deepEqual(listens({}), ['0.5'])
  t.deepEqual(listens({ 'seen-as': '10.0.3.1' }), ['2'])
  t.deepEqual(listens({ is: 'refused' }), ['2'])
  t.deepEqual(listens({ protocol: 'udp' }), ['2'])
})

test('socat is given the address as an argument of its own', (t) => {
  const peer = (wanted: object) => connect.probe(parse(wanted), world).map((p) => p.kind === 'command' && p.argv.at(-1))
  t.deepEqual(peer({ to: 'container' }), ['TCP4:10.0.3.78:7,connect-timeout=3'])
  t.deepEqual(peer({ to: '2001:db8::78', protocol: 'udp' }), ['UDP6:[2001:db8::78]:7'])
})

test('a claim reads as a sentence', (t) => {
  t.is(connect.claim(parse({ 'seen-as': '10.0.3.1' })), 'host connects to 10.0.3.78 port 7/tcp, seen as 10.0.3.1')
  t.is(connect.claim(parse({ is: 'refused' })), 'host is refused by 10.0.3.78 port 7/tcp')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    connect,
    { from: 'in1', to: 'outside', port: 8080 },
    {
      'What will happen when in1 connects to outside port 8080/tcp?': [
        { is: 'accepted' },
        { is: 'refused' },
        { is: 'unanswered' },
      ],
      'What will happen when in1 sends a datagram to outside port 8080/udp?': [
        { protocol: 'udp', is: 'accepted' },
        { protocol: 'udp', is: 'refused' },
        { protocol: 'udp', is: 'unanswered' },
      ],
      'What will happen when in1 connects to outside port 8080/tcp, and by which address will it be seen, if at all?': [
        { is: 'accepted', 'seen-as': '203.0.113.1' },
      ],
    },
  )
})

test('only who accepts can tell whom it saw', (t) => {
  const wrong = { from: 'host', to: '10.0.3.78', port: 7, is: 'refused', 'seen-as': '10.0.3.1' }
  t.false(connect.parameters.safeParse(wrong).success)
  t.false(connect.parameters.safeParse({ ...wrong, is: 'accepted', port: 70_000 }).success)
})

test('a datagram that is answered by an empty line is answered', (t) => {
  const { stdout, ...rest } = recorded('connect/udp-unanswered')
  const answer = { ...rest, stdout: stdout.replace(/(?=Ip: .*\nIp: .*\nIp6OutDiscards.*\n$)/, '\n') }
  t.is(connect.judge(parse({ is: 'unanswered', protocol: 'udp' }), [answer], world).verdict, 'failed')
})

test('a SYN that the kernel could not send again was not sent, nor one of a node without its address', (t) => {
  const { stdout, ...rest } = recorded('connect/tcp-unanswered')
  const judged = (before: string, after: string) =>
    connect.judge(parse({ is: 'unanswered' }), [{ ...rest, stdout: `${before}${stdout}${after}` }], world).verdict
  t.is(judged('', ''), 'passed')
  t.is(judged('TcpExtTCPRetransFail  1  0.0\n', 'TcpExtTCPRetransFail  2  0.0\n'), 'inconclusive')
  t.is(judged('The node lacks its 10.0.3.1\n', ''), 'inconclusive')
})
