import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { printed } from './printed.ts'

const world = { addresses: {} }
const answer = (stdout: string, exitCode = -1, stderr = '') => ({ exitCode, stdout, stderr, timedOut: false })
const verdictOf = (wanted: object, ...answers: ReturnType<typeof answer>[]) =>
  printed.judge(printed.parameters.parse({ by: 'monitor', ...wanted }), answers, world).verdict

test('text is found in what was printed so far, on both outputs', (t) => {
  t.is(verdictOf({ contains: 'eth0' }, answer('2: eth0: UP\n')), 'passed')
  t.is(verdictOf({ contains: 'eth0' }, answer('', -1, '2: eth0: UP\n')), 'passed')
  t.is(verdictOf({ contains: 'eth1' }, answer('2: eth0: UP\n')), 'failed')
})

test('a pattern matches at each line, or over several', (t) => {
  t.is(verdictOf({ matches: '^b+$' }, answer('a\nbb\nc')), 'passed')
  t.is(verdictOf({ matches: 'a\\nb' }, answer('a\nb')), 'passed')
  t.is(verdictOf({ matches: '^d' }, answer('a\nb')), 'failed')
})

test('a line of JSON holds what is wanted', (t) => {
  t.is(verdictOf({ json: { source: '203.0.113.1' } }, answer('hello\n{"source":"203.0.113.1","port":4}\n')), 'passed')
  t.is(verdictOf({ json: { source: '192.168.50.2' } }, answer('{"source":"203.0.113.1"}\n')), 'failed')
})

test('lines are counted', (t) => {
  t.is(verdictOf({ contains: 'GET', count: 2 }, answer('GET /\nPOST /\nGET /a\n')), 'passed')
  t.is(verdictOf({ contains: 'GET', count: 1 }, answer('GET /\nPOST /\nGET /a\n')), 'failed')
  t.is(verdictOf({ contains: 'GET', 'at-most': 1 }, answer('')), 'passed')
})

test('a process that could not begin is not taken for one that kept silent', (t) => {
  t.is(verdictOf({ lacks: 'x' }, answer('', 127, 'bash: line 1: monitor: command not found')), 'inconclusive')
  t.is(verdictOf({ lacks: 'x' }, answer('y')), 'passed')
  t.is(verdictOf({ lacks: 'x' }, answer('x')), 'failed')
})

test('one thing is claimed', (t) => {
  for (const wanted of [{}, { contains: 'a', lacks: 'b' }, { lacks: 'b', count: 2 }, { count: 2 }])
    t.false(printed.parameters.safeParse({ by: 'monitor', ...wanted }).success, JSON.stringify(wanted))
})

test('what is waited for has time, what must not happen has none', (t) => {
  const withinMs = (wanted: object) => printed.defaultWithinMs(printed.parameters.parse({ by: 'monitor', ...wanted }))
  t.is(withinMs({ contains: 'a' }), 5000)
  t.is(withinMs({ lacks: 'a' }), 0)
  t.is(withinMs({ contains: 'a', 'at-most': 3 }), 0)
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    printed,
    { by: 'monitor' },
    {
      'What will the process monitor have printed?': [
        { contains: 'eth0' },
        { lacks: 'eth0' },
        { matches: '^eth' },
        { json: { source: '203.0.113.1' } },
      ],
      'How many lines of "GET" will the process monitor have printed?': [
        { contains: 'GET', count: 0 },
        { contains: 'GET', count: 2 },
        { contains: 'GET', 'at-least': 1 },
      ],
      'How many lines of what matches /^GET/ will the process monitor have printed?': [
        { matches: '^GET', 'at-most': 1 },
      ],
    },
  )
})

test('a process that failed before it printed lacks nothing', (t) => {
  const wanted = printed.parameters.parse({ by: 'p', lacks: 'FAIL' })
  const judge = (exitCode: number) =>
    printed.judge(wanted, [{ exitCode, stdout: '', stderr: '', timedOut: false }], { addresses: {} }).verdict
  t.deepEqual([-1, 0, 1].map(judge), ['passed', 'passed', 'inconclusive'])
})
