import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { http } from './http.ts'

const world = { addresses: { client: '10.0.7.1', web1: '10.0.7.10', old: 'fd00::10' } }
const parse = (wanted: object = {}) => http.parameters.parse({ from: 'client', url: 'http://10.0.7.10/', ...wanted })
const judge = (wanted: object, recording: string) => http.judge(parse(wanted), [recorded(`http/${recording}`)], world)

const verdicts = (recording: string) =>
  ['answered', 'refused', 'unanswered'].map((is) => judge({ is }, recording).verdict)

function argvOf(wanted: object, more = {}): readonly string[] {
  const [probe] = http.probe(parse(wanted), { ...world, ...more })
  return probe?.kind === 'command' ? probe.argv : []
}

test('an answer has a status, which is 200 when nothing is said', (t) => {
  t.deepEqual(verdicts('ok'), ['passed', 'failed', 'failed'])
  t.deepEqual(verdicts('not-found'), ['failed', 'failed', 'failed'])
  t.is(judge({ status: 404 }, 'not-found').verdict, 'passed')
  t.is(judge({ status: 404 }, 'ok').verdict, 'failed')
  t.is(judge({}, 'not-found').found, 'client gets 404 from http://10.0.7.10/ with "Permission denied"')
})

test('an answer has a text', (t) => {
  t.is(judge({ contains: 'web1' }, 'ok').verdict, 'passed')
  t.is(judge({ matches: '^web\\d$', lacks: 'web2' }, 'ok').verdict, 'passed')
  t.is(judge({ lacks: 'web1' }, 'ok').verdict, 'failed')
  t.deepEqual(judge({ contains: 'web2' }, 'ok'), {
    verdict: 'failed',
    found: 'client gets 200 from http://10.0.7.10/ with "web1", lacks "web2"',
  })
})

test('an answer has headers, whose names may be written in capitals or not', (t) => {
  t.is(judge({ header: { server: 'lab', 'Content-Length': '5' } }, 'ok').verdict, 'passed')
  t.is(judge({ header: { Server: 'la' } }, 'ok').verdict, 'failed')
  t.regex(judge({ header: { Server: 'x' } }, 'ok').found, /, Server is "lab", not "x"$/)
  t.regex(judge({ header: { Location: '/' } }, 'ok').found, /, without Location$/)
})

test('a server that connects and gives no whole answer is none that answers, refuses or is silent', (t) => {
  for (const recording of ['silent', 'no-http', 'half'])
    t.deepEqual(verdicts(recording), ['failed', 'failed', 'failed'], recording)
})

test('refused and unanswered are told apart', (t) => {
  t.deepEqual(verdicts('refused'), ['failed', 'passed', 'failed'])
  t.deepEqual(verdicts('unanswered'), ['failed', 'failed', 'passed'])
  t.deepEqual(verdicts('nobody'), ['failed', 'failed', 'passed'])
})

test('a node that has no way itself gets nothing, but proves of nobody that they are silent', (t) => {
  for (const recording of ['no-route', 'unreachable-route', 'prohibited', 'no-name'])
    t.deepEqual(verdicts(recording), ['failed', 'failed', 'inconclusive'], recording)
})

test('what was never sent, and a curl that is missing or of another kind, tell nothing', (t) => {
  t.deepEqual(verdicts('dropped-at-output'), ['inconclusive', 'inconclusive', 'inconclusive'])
  t.deepEqual(verdicts('other-version'), ['inconclusive', 'inconclusive', 'inconclusive'])
  const silent = parse({ is: 'unanswered' })
  const answers = [
    recorded('common/no-tool-in-shell'),
    recorded('ping/no-namespace'),
    { ...recorded('http/unanswered'), timedOut: true },
    { exitCode: 0, stdout: '', stderr: '', timedOut: false },
    { exitCode: 28, stdout: '', stderr: 'curl: (28) Resolving timed out after 3000 milliseconds', timedOut: false },
  ]
  for (const answer of answers) t.is(http.judge(silent, [answer], world).verdict, 'inconclusive')
  t.is(http.judge(silent, [], world).verdict, 'inconclusive')
})

test("the host of a URL may be a node's name, and a name that is no node's is resolved by who asks", (t) => {
  t.true(argvOf({ url: 'http://web1:8080/x' }).join(' ').endsWith('--connect-to ::10.0.7.10: http://web1:8080/x'))
  t.true(argvOf({ url: 'https://old/' }).join(' ').endsWith('--connect-to ::[fd00::10]: https://old/'))
  for (const host of ['www.lab', 'constructor'])
    t.false(argvOf({ url: `http://${host}/` }).includes('--connect-to'), host)
  t.true(argvOf({ url: 'http://[fd00::1]:80/' }).includes('::[fd00::1]:'))
})

test('silence is listened to as TCP needs it, and for the name of a host in full', (t) => {
  const quick = { slowestRoundTripMs: 1 }
  const limit = (wanted: object, more = {}) => {
    const argv = argvOf(wanted, more)
    return argv[argv.indexOf('--connect-timeout') + 1]
  }
  t.is(limit({}, quick), '3')
  t.is(limit({ is: 'unanswered' }, quick), '1.3')
  t.is(limit({ is: 'unanswered', url: 'http://www.lab/' }, quick), '3')
  t.is(limit({ is: 'unanswered' }, { longerMs: 500 }), '3.5')
  t.like(http.probe(parse({ is: 'unanswered' }), { ...world, ...quick })[0], { silenceMs: 1300 })
  t.is(http.defaultWithinMs(parse({ is: 'unanswered' })), 0)
})

test('a claim reads as a sentence, and a question does not contain its answer', (t) => {
  t.is(http.claim(parse({ contains: 'web1' })), 'client gets 200 from http://10.0.7.10/, with "web1"')
  t.is(
    http.claim(parse({ status: 301, header: { Location: '/x' } })),
    'client gets 301 from http://10.0.7.10/, Location: /x',
  )
  t.is(http.claim(parse({ is: 'unanswered' })), 'client gets no answer from http://10.0.7.10/')
  asks(
    t,
    http,
    { from: 'client', url: 'http://10.0.7.10/' },
    { 'What will client get from http://10.0.7.10/?': [{}, { status: 404 }, { is: 'refused' }, { contains: 'x' }] },
  )
})

test('what is no URL, and an answer of a server that gives none, are refused', (t) => {
  for (const url of ['10.0.7.10', 'ftp://10.0.7.10/', '-o', 'http://', 'http://a b/', 'http://u@h/', 'http://h\n/'])
    t.false(http.parameters.safeParse({ from: 'a', url }).success, url)
  t.false(http.parameters.safeParse({ from: 'a', url: 'http://b/', is: 'refused', status: 200 }).success)
  t.false(http.parameters.safeParse({ from: 'a', url: 'http://b/', is: 'unanswered', contains: 'x' }).success)
})
