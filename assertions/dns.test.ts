import test from 'ava'
import { dns } from './dns.ts'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'

const world = { addresses: { resolver: '10.0.6.1', dns: '10.0.6.53' } }
const parse = (wanted: object = {}) =>
  dns.parameters.parse({ from: 'resolver', server: 'dns', name: 'www.lab', ...wanted })
const judge = (wanted: object, recording: string) => dns.judge(parse(wanted), [recorded(`dns/${recording}`)], world)

const verdicts = (recording: string) =>
  ['answered', 'refused', 'unanswered'].map((is) => judge({ is }, recording).verdict)

test('a server answers with a record, in one of the ways to write it', (t) => {
  t.deepEqual(judge({ answer: '10.0.6.78' }, 'a'), {
    verdict: 'passed',
    found: 'dns answers resolver NOERROR with 10.0.6.78',
  })
  t.is(judge({ answer: '10.0.6.79' }, 'a').verdict, 'failed')
  t.is(judge({ type: 'AAAA', answer: 'fd00:6:0::78' }, 'aaaa').verdict, 'passed')
  t.is(judge({ type: 'PTR', answer: 'WWW.lab.' }, 'ptr').verdict, 'passed')
  t.is(judge({ type: 'MX', answer: '10 mail.lab' }, 'mx').verdict, 'passed')
  t.is(judge({ type: 'SRV', answer: '0 0 5060 two.lab.' }, 'srv').verdict, 'passed')
  t.is(judge({ type: 'TXT', answer: 'v=1; Ip: x' }, 'txt').verdict, 'passed')
  t.is(judge({ type: 'TXT', answer: 'V=1; Ip: x' }, 'txt').verdict, 'failed')
})

test('records of the type are counted, whatever comes with them', (t) => {
  t.is(judge({ count: 2, answer: '10.0.6.3' }, 'two').verdict, 'passed')
  t.is(judge({ count: 1 }, 'two').verdict, 'failed')
  t.is(judge({ count: 2 }, 'alias').verdict, 'passed')
  t.is(judge({ type: 'CNAME', answer: 'two.lab' }, 'alias').verdict, 'passed')
  t.is(judge({ type: 'AAAA', count: 0 }, 'no-data').verdict, 'passed')
  t.is(judge({ type: 'AAAA' }, 'no-data').verdict, 'failed')
})

test('an error of DNS is an answer with a code', (t) => {
  t.is(judge({ rcode: 'NXDOMAIN' }, 'no-name').verdict, 'passed')
  t.is(judge({ rcode: 'REFUSED' }, 'code-refused').verdict, 'passed')
  t.is(judge({ rcode: 'NXDOMAIN' }, 'a').verdict, 'failed')
  t.is(judge({ count: 0 }, 'no-name').verdict, 'failed')
  t.deepEqual(verdicts('code-refused'), ['failed', 'failed', 'failed'])
})

test('answered, refused and unanswered are told apart', (t) => {
  t.deepEqual(verdicts('a'), ['passed', 'failed', 'failed'])
  t.deepEqual(verdicts('refused'), ['failed', 'passed', 'failed'])
  t.deepEqual(verdicts('silent'), ['failed', 'failed', 'passed'])
  t.deepEqual(verdicts('nobody'), ['failed', 'failed', 'passed'])
})

test('what answers without speaking DNS is neither silent nor an answer', (t) => {
  t.deepEqual(verdicts('no-dns'), ['failed', 'failed', 'failed'])
})

test('a node that has no way itself gets nothing, but proves of nobody that they are silent', (t) => {
  for (const recording of ['no-route', 'unreachable-route', 'dropped-at-output'])
    t.deepEqual(verdicts(recording), ['failed', 'failed', 'inconclusive'], recording)
})

test('what was never asked, and an answer that is only its beginning, tell nothing', (t) => {
  const silent = parse({ is: 'unanswered' })
  const { stdout, ...rest } = recorded('dns/silent')
  const answers = [
    recorded('common/no-tool-in-shell'),
    recorded('ping/no-namespace'),
    { ...rest, stdout, timedOut: true },
    { ...rest, stdout: '' },
    { ...rest, stdout: '{}' },
    { ...rest, stdout: `The node lacks its 10.0.6.1\n${stdout}` },
  ]
  for (const answer of answers) t.is(dns.judge(silent, [answer], world).verdict, 'inconclusive')
  t.is(dns.judge(silent, [], world).verdict, 'inconclusive')
  const truncated = { ...rest, stdout: recorded('dns/two').stdout.replace('"truncated": false', '"truncated": true') }
  t.is(dns.judge(parse({ answer: '10.0.6.2' }), [truncated], world).verdict, 'inconclusive')
})

test('silence is listened to for two seconds after the second question, longer where machines were held up', (t) => {
  const probe = (wanted: object, more = {}) => dns.probe(parse(wanted), { ...world, ...more })[0]
  t.like(probe({ is: 'unanswered' }, { slowestRoundTripMs: 1 }), { silenceMs: 2000 })
  t.like(probe({ is: 'unanswered' }, { longerMs: 700 }), { silenceMs: 2700 })
  t.like(probe({}), { silenceMs: undefined })
  const { argv = [] } = { argv: [], ...probe({ port: 5353, type: 'MX' }) }
  t.deepEqual(argv.slice(-5), ['10.0.6.53', '5353', 'www.lab', '15', '2'])
  t.is(dns.defaultWithinMs(parse({ is: 'unanswered' })), 0)
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(dns.claim(parse({ answer: '10.0.6.78' })), 'resolver gets records for www.lab A from dns, with 10.0.6.78')
  t.is(dns.claim(parse({ rcode: 'NXDOMAIN', port: 54 })), 'resolver gets NXDOMAIN for www.lab A from dns port 54')
  t.is(dns.claim(parse({ is: 'refused' })), 'resolver is refused by dns to www.lab A')
  asks(
    t,
    dns,
    { from: 'a', server: '10.0.6.53', name: 'www.lab' },
    {
      'What will 10.0.6.53 answer when a asks for www.lab A?': [
        {},
        { answer: '1.2.3.4' },
        { is: 'refused' },
        { count: 2 },
      ],
    },
  )
})

test('what is no name, and records of no answer, are refused', (t) => {
  const base = { from: 'a', server: '10.0.6.53', name: 'www.lab' }
  for (const wanted of [
    { name: '-c import os; x' },
    { name: 'a..b' },
    { is: 'refused', answer: '10.0.0.1' },
    { is: 'unanswered', rcode: 'NOERROR' },
    { rcode: 'NXDOMAIN', count: 0 },
  ])
    t.false(dns.parameters.safeParse({ ...base, ...wanted }).success, JSON.stringify(wanted))
})
