import test from 'ava'
import { conntrack } from './conntrack.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: {} }
const parse = (wanted: object) => conntrack.parameters.parse({ on: 'gateway', from: '192.168.50.11', ...wanted })
const judge = (wanted: object, recording: string) =>
  conntrack.judge(parse(wanted), [recorded(`conntrack/${recording}`)], world)

test('a connection is known by who began it and how the other side sees it', (t) => {
  t.is(judge({ to: '203.0.113.10', port: 8080, 'seen-as': '203.0.113.1' }, 'tcp').verdict, 'passed')
  t.is(judge({ state: 'ESTABLISHED' }, 'tcp').verdict, 'passed')
  t.is(judge({ protocol: 'icmp', 'seen-as': '203.0.113.1' }, 'icmp').verdict, 'passed')
  t.is(judge({ port: 8081 }, 'tcp').verdict, 'failed')
  t.is(judge({ state: 'SYN_SENT' }, 'tcp').verdict, 'failed')
  t.deepEqual(judge({ protocol: 'icmp', 'seen-as': '192.168.50.11' }, 'icmp'), {
    verdict: 'failed',
    found:
      'gateway tracks icmp 1 20 src=192.168.50.11 dst=203.0.113.10 type=8 code=0 id=306 src=203.0.113.10 dst=203.0.113.1 type=0 code=0 id=306 mark=0 use=1',
  })
})

test('a connection can be claimed to be gone', (t) => {
  t.is(judge({ is: 'absent' }, 'none').verdict, 'passed')
  t.is(judge({ 'seen-as': '203.0.113.1', is: 'absent' }, 'tcp').verdict, 'failed')
  t.is(judge({ 'seen-as': '203.0.113.2', is: 'absent' }, 'tcp').verdict, 'passed')
  t.is(judge({}, 'none').found, 'gateway tracks nothing of tcp from 192.168.50.11')
})

test('what conntrack did not list leaves the claim open', (t) => {
  const answer = { exitCode: 1, stdout: '', stderr: 'conntrack v1.4.7: Operation failed: sorry', timedOut: false }
  t.is(conntrack.judge(parse({ is: 'absent' }), [answer], world).verdict, 'inconclusive')
  const other = { exitCode: 0, stdout: 'something else\n', stderr: '', timedOut: false }
  t.is(conntrack.judge(parse({ is: 'absent' }), [other], world).verdict, 'inconclusive')
  t.is(conntrack.judge(parse({}), [], world).verdict, 'inconclusive')
  const silent = { exitCode: 0, stdout: '', stderr: '', timedOut: false }
  t.is(conntrack.judge(parse({ is: 'absent' }), [silent], world).verdict, 'inconclusive')
  const half = { ...recorded('conntrack/tcp'), stdout: '' }
  t.is(conntrack.judge(parse({ is: 'absent' }), [half], world).verdict, 'inconclusive')
})

test('a claim reads as a sentence', (t) => {
  const claim = (wanted: object) => conntrack.claim(parse(wanted))
  t.is(
    claim({ to: '203.0.113.10', port: 8080, 'seen-as': '203.0.113.1' }),
    'gateway tracks tcp from 192.168.50.11 to 203.0.113.10 port 8080, seen as 203.0.113.1',
  )
  t.is(claim({ protocol: 'udp', is: 'absent' }), 'gateway does not track udp from 192.168.50.11')
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    conntrack,
    { on: 'gateway', from: '192.168.50.11' },
    {
      'Will gateway track tcp from 192.168.50.11?': [{}, { is: 'absent' }],
      'Will gateway track udp from 192.168.50.11 to 203.0.113.10 port 53?': [
        { protocol: 'udp', to: '203.0.113.10', port: 53 },
        { protocol: 'udp', to: '203.0.113.10', port: 53, is: 'absent' },
      ],
      'Will gateway track tcp from 192.168.50.11 to any address port 22, and if so, in which state?': [
        { port: 22, state: 'ESTABLISHED' },
        { port: 22, state: 'SYN_SENT', is: 'absent' },
      ],
      'Will gateway track tcp from 192.168.50.11, and if so, seen as which address and in which state?': [
        { 'seen-as': '203.0.113.1', state: 'ESTABLISHED' },
        { 'seen-as': '203.0.113.2', state: 'TIME_WAIT', is: 'absent' },
      ],
    },
  )
})
