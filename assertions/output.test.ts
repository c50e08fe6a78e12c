import test from 'ava'
import { asks } from './fixtures/asks.ts'
import { recorded } from './fixtures/recorded.ts'
import { output } from './output.ts'

const world = { addresses: {} }
const base = { on: 'host', command: 'true' }

function judge(wanted: object, answer: { exitCode?: number; stdout?: string; stderr?: string; timedOut?: boolean }) {
  const parameters = output.parameters.parse({ ...base, ...wanted })
  return output.judge(parameters, [{ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer }], world)
}

test('equals compares all but the surrounding white space', (t) => {
  t.is(judge({ equals: '300' }, { stdout: '300\n' }).verdict, 'passed')
  t.is(judge({ equals: 'a\nb\n' }, { stdout: 'a\nb\n' }).verdict, 'passed')
  t.deepEqual(judge({ equals: '300' }, { stdout: '3000\n' }), {
    verdict: 'failed',
    found: 'the output "3000" is not "300"',
  })
})

test('contains and lacks look for a text', (t) => {
  t.is(judge({ contains: 'vepa' }, { stdout: 'mode vepa\n' }).verdict, 'passed')
  t.is(judge({ contains: 'vepa' }, { stdout: 'mode bridge\n' }).verdict, 'failed')
  t.is(judge({ lacks: 'vepa' }, { stdout: 'mode bridge\n' }).verdict, 'passed')
  t.is(judge({ lacks: 'vepa' }, { stdout: 'mode vepa\n' }).verdict, 'failed')
})

test('matches finds a regular expression, line by line', (t) => {
  t.is(judge({ matches: '^b\\d$' }, { stdout: 'a1\nb2\nc3\n' }).verdict, 'passed')
  t.is(judge({ matches: '^b$' }, { stdout: 'ab\n' }).verdict, 'failed')
})

test('an exit code that is not the wanted one makes any claim false', (t) => {
  t.is(judge({ lacks: 'x' }, { exitCode: 1, stderr: 'RTNETLINK answers: File exists\n' }).verdict, 'failed')
  t.is(judge({ 'exit-code': 2 }, { exitCode: 2 }).verdict, 'passed')
  t.is(judge({ 'exit-code': 2 }, {}).verdict, 'failed')
})

test('json is a subset of what was printed', (t) => {
  const { stdout } = recorded('common/json')
  t.is(judge({ json: [{ ifname: 'bridge0', addr_info: [{ local: '10.0.3.1' }] }] }, { stdout }).verdict, 'passed')
  t.is(judge({ json: [{ ifname: 'bridge1' }] }, { stdout }).verdict, 'failed')
  t.is(judge({ json: [] }, { stdout: 'not json' }).verdict, 'inconclusive')
})

test('JSON that is not as wanted is shown where it differs', (t) => {
  const { stdout } = recorded('common/json')
  t.deepEqual(judge({ json: [{ ifname: 'bridge0', addr_info: [{ local: '10.0.3.1', prefixlen: 16 }] }] }, { stdout }), {
    verdict: 'failed',
    found:
      'the output as JSON: [0].addr_info[0].prefixlen is 24, not 16, beside "family":"inet","local":"10.0.3.1","scope":"global","label":"bridge0","valid_life_time":4294967295,"preferred_life_t...',
  })
})

test('JSON with one object is compared with that', (t) => {
  t.is(
    judge({ json: [{ mtu: 1450 }] }, { stdout: '[{"ifname":"eth0","mtu":1500}]' }).found,
    'the output as JSON: [0].mtu is 1500, not 1450, beside "ifname":"eth0"',
  )
})

test('a tool that is missing says nothing, wherever in the command it stands', (t) => {
  const wanted = output.parameters.parse({ ...base, lacks: 'x' })
  for (const name of ['no-tool-in-shell', 'no-tool-in-pipe', 'no-tool-in-namespace', 'not-executable']) {
    t.is(output.judge(wanted, [recorded(`common/${name}`)], world).verdict, 'inconclusive', name)
  }
  t.is(output.judge(wanted, [recorded('ping/no-namespace')], world).verdict, 'inconclusive')
})

test('who claims exit code 127 may see a tool that is missing', (t) => {
  const wanted = output.parameters.parse({ ...base, 'exit-code': 127 })
  t.is(output.judge(wanted, [recorded('common/no-tool-in-shell')], world).verdict, 'passed')
})

test("a refusal of the kernel is the command's own result", (t) => {
  const wanted = output.parameters.parse({ ...base, 'exit-code': 2 })
  t.is(output.judge(wanted, [recorded('common/no-permission')], world).verdict, 'passed')
})

test('a command that does not end says nothing', (t) => {
  t.is(judge({ lacks: 'x' }, { timedOut: true }).verdict, 'inconclusive')
})

test('the command is given to a shell as one argument', (t) => {
  const wanted = output.parameters.parse({ on: 'host', command: 'ip -j link | jq length', equals: '3' })
  t.like(output.probe(wanted, world)[0], {
    node: 'host',
    argv: ['bash', '-eo', 'pipefail', '-c', 'ip -j link | jq length'],
  })
  t.is(output.claim(wanted), '"ip -j link | jq length" on host prints "3"')
})

test('a claim about nothing, and a broken pattern, are refused', (t) => {
  t.false(output.parameters.safeParse(base).success)
  t.false(output.parameters.safeParse({ ...base, matches: '(' }).success)
  t.false(output.parameters.safeParse({ ...base, equals: 300 }).success)
})

test('a question does not contain its answer', (t) => {
  asks(
    t,
    output,
    { on: 'host', command: 'ifquery --list' },
    {
      'What will "ifquery --list" on host print?': [
        { equals: 'lo' },
        { contains: 'eth0' },
        { lacks: 'eth0' },
        { matches: '^eth' },
        { json: [] },
      ],
      'With which exit code will "ifquery --list" on host end?': [{ 'exit-code': 0 }, { 'exit-code': 1 }],
      'What will "ifquery --list" on host print, and with which exit code will it end?': [
        { equals: 'lo', 'exit-code': 1 },
        { lacks: 'eth0', 'exit-code': 0 },
      ],
    },
  )
})

test('a command that a signal ended, or that printed only an error, lacks nothing', (t) => {
  const wanted = output.parameters.parse({ on: 'host', command: 'x', lacks: 'FAIL' })
  const judge = (answer: object) =>
    output.judge(wanted, [{ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer }], { addresses: {} })
  t.is(judge({}).verdict, 'passed')
  t.is(judge({ exitCode: 137, stdout: 'PASS' }).verdict, 'inconclusive')
  t.is(judge({ stderr: 'cat: nosuch: No such file or directory' }).verdict, 'inconclusive')
})

test('a command that says by its exit code that it cannot try skips the case, with its last words', (t) => {
  const wanted = output.parameters.parse({ on: 'host', command: './test.sh', 'exit-code': 0, 'skip-code': 4 })
  const judge = (answer: object) =>
    output.judge(wanted, [{ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer }], { addresses: {} })
  t.deepEqual(judge({ exitCode: 4, stdout: 'TAP\n# SKIP no vrf here\n' }), {
    verdict: 'skipped',
    found: '# SKIP no vrf here',
  })
  t.is(judge({ exitCode: 4, stderr: 'no module' }).found, 'no module')
  t.regex(judge({ exitCode: 4 }).found, /exit code 4, and printed nothing/)
  t.is(judge({ exitCode: 1 }).verdict, 'failed')
  t.is(judge({}).verdict, 'passed')
  t.false(output.parameters.safeParse({ ...wanted, 'exit-code': 4 }).success)
})

test('a command that must fail does so by any exit code, but not by being missing or killed', (t) => {
  const wanted = output.parameters.parse({ on: 'host', command: 'ping -c1 x', 'exit-code': 'nonzero' })
  const verdict = (exitCode: number, stderr = '') =>
    output.judge(wanted, [{ exitCode, stdout: '', stderr, timedOut: false }], { addresses: {} }).verdict
  t.deepEqual([verdict(1), verdict(2), verdict(0)], ['passed', 'passed', 'failed'])
  t.deepEqual(
    [verdict(127), verdict(137), verdict(2, 'bash: line 1: pin: command not found')],
    ['inconclusive', 'inconclusive', 'inconclusive'],
  )
  t.is(output.claim(wanted), '"ping -c1 x" on host fails')
})

test('a command may take as long as the claim says', (t) => {
  const wanted = output.parameters.parse({ on: 'host', command: './suite', 'exit-code': 0, timeout: '2m' })
  t.like(output.probe(wanted, world)[0], { timeoutMs: 120_000 })
  const answer = { exitCode: -1, stdout: '', stderr: '', timedOut: true }
  t.regex(output.judge(wanted, [answer], world).found, /did not end in 120 s/)
  t.false(output.parameters.safeParse({ ...wanted, timeout: '2h' }).success)
})
