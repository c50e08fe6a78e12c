import test from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { labWith, runTest } from '../../testing/test-run.ts'

const mark = 'user  :warn  : [   16.813719] wirelab: the lab begins'
const segfault = 'kern  :info  : [   18.563498] python3[293]: segfault at 0 ip 1 sp 2 error 4 in libc.so.6[1+2]'
const printed = (...lines: readonly string[]) => ({ stdout: [mark, ...lines, '--- end', ''].join('\n') })
const segfaultOnB = (machine: string) => (machine === 'b' ? printed(segfault, '--- units') : undefined)
const step = (more = '') => `  - { name: s, on: b, run: x${more} }`
const fails = (machine: string, command: string) =>
  machine === 'b' && command.includes('dies') ? { stdout: '123\nup\n', exitCode: 139, afterMs: 20 } : undefined

test('a machine on which something crashed fails its case with the lines of the kernel; the others pass', async (t) => {
  const { outcome, crashCases } = await runTest(labWith(step()), { crashes: segfaultOnB })
  t.is(outcome, 'failed')
  t.like(crashCases[0], { case: 'nothing crashed on a', outcome: 'passed' })
  t.like(crashCases[1], { case: 'nothing crashed on b', outcome: 'failed' })
  t.regex(crashCases[1]?.transcript ?? '', /segfault at 0/)
})

test('what the lab or a step expects to crash must, and nothing else may', async (t) => {
  const outcomeOf = async (more: string, head = '') =>
    (await runTest(labWith(step(more), head), { crashes: segfaultOnB })).outcome
  t.is(await outcomeOf(', expects-crash: ["b:python3"]'), 'passed')
  t.is(await outcomeOf(', expects-crash: [b]'), 'passed')
  t.is(await outcomeOf('', 'expects-crash: ["b:python3"]'), 'passed')
  t.is(await outcomeOf(', expects-crash: ["b:python"]'), 'failed')
  t.is(await outcomeOf(', expects-crash: ["b:python3", "b:bird"]'), 'failed')
  t.is(await outcomeOf(', expects-crash: ["a:python3"]'), 'failed')
})

test('a background process that ends by itself with a failure crashed', async (t) => {
  const start =
    '  - { name: s, on: b, start: { id: daemon, run: dies, ready: up } }\n  - { name: t, on: a, run: linger }'
  const answer = (machine: string, command: string) =>
    command.endsWith('linger') ? { afterMs: 100 } : fails(machine, command)
  const { crashCases } = await runTest(labWith(start), { answer })
  t.like(crashCases[1], { outcome: 'failed', found: 'process daemon ended by itself with exit code 139' })
})

test('a background process that is expected to end with a failure may take its time, and must', async (t) => {
  const outcomeAfter = async (lingersMs: number) => {
    const start = '  - { name: s, on: b, start: { id: daemon, run: dies, ready: up }, expects-crash: ["b:daemon"] }'
    const answer = (machine: string, command: string) => {
      const end = fails(machine, command)
      return end && { ...end, lingersMs }
    }
    return (await runTest(labWith(start), { answer })).crashCases[1]?.outcome
  }
  t.is(await outcomeAfter(1000), 'passed')
  t.is(await outcomeAfter(60_000), 'failed')
})

test('a machine that cannot be asked is an error; one that an event made crash is skipped', async (t) => {
  const deaf = await runTest(labWith(step()), { crashes: () => ({ exitCode: 127, stderr: 'dmesg: not found' }) })
  t.is(deaf.outcome, 'error')
  t.is(deaf.crashCases[0]?.outcome, 'error')
  const events = '  - { name: s, events: [{ machine: { node: b, state: crashed } }] }'
  const { outcome, crashCases } = await runTest(labWith(events), {})
  t.is(outcome, 'passed')
  t.like(crashCases[1], { outcome: 'skipped', found: 'not tried: it is crashed' })
})

test('it is asked also when a step broke, and a crash is then a failure beside the error', async (t) => {
  const { crashCases } = await runTest(labWith(step()), { crashes: segfaultOnB, answer: () => ({ exitCode: 1 }) })
  t.is(crashCases[1]?.outcome, 'failed')
})

test('a machine that panics fails its case at once, claims of others go on, and a lab can expect it', async (t) => {
  const alive = (on: string) => `{ output: { on: ${on}, command: alive, equals: "" } }`
  const steps = (more: string) =>
    `  - name: s\n    on: a\n    run: before${more}\n  - { name: t, expect: [{ output: { on: b, command: panic, equals: "" } }, ${alive('a')}] }`
  const answer = (_machine: string, command: string) =>
    command.includes('panic') ? { panics: 'sysrq triggered crash' } : undefined
  const { cases, crashCases, events } = await runTest(labWith(steps('')), { answer })
  t.deepEqual(
    cases.map(({ outcome, found }) => [outcome, found.split(':')[0]]),
    [
      ['error', 'machine b panicked'],
      ['passed', cases[1]?.found],
    ],
  )
  t.like(crashCases[1], { outcome: 'failed', found: 'Kernel panic - not syncing: sysrq triggered crash' })
  t.like(
    events.find(({ type }) => type === 'machine-died'),
    { machine: 'b', panicked: true },
  )
  const expected = await runTest(labWith(steps('\n    expects-crash: ["b:panic"]')), { answer })
  t.is(expected.crashCases[1]?.outcome, 'passed')
})

test('what failed units logged is shown with a step that went wrong', async (t) => {
  const { events } = await runTest(labWith(step()), {
    answer(_machine, command) {
      if (command.startsWith('systemctl')) return { stdout: 'bird.service loaded failed failed BIRD\n' }
      if (command.startsWith('journalctl')) return { stdout: 'm bird[9]: cannot parse\n' }
      return { exitCode: 1 }
    },
  })
  const shown = events.flatMap((event) => (event.type === 'command-finished' ? [event] : []))
  t.like(shown[1], { step: 0, node: 'b', command: 'journalctl -u bird.service -b --no-pager -n 20' })
  t.regex(shown[1]?.stdout ?? '', /cannot parse/)
})

test('of a mutation it is not asked what crashed', async (t) => {
  const lab = labWith(
    '  - { name: one, id: one, on: a, run: needed }\n  - { name: two, expect: [{ output: { on: a, command: says, equals: "yes" } }] }',
    'mutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  const { outcome, crashCases } = await runTest(lab, { crashes: segfaultOnB }, { kind: 'mutate' })
  t.is(outcome, 'passed')
  t.deepEqual(crashCases, [])
})

const unit = (words: string) => `[   20.1] host systemd[1]: ${words}`
const exited = unit('web.service: Main process exited, code=exited, status=1/FAILURE')
/** The outcome on b of what it says, of a lab that bears no pause of 300 ms, with one of 500 ms before all its claims. */
async function afterPause(lines: readonly string[], head = 'real-time: 300ms') {
  const untilMs = hostNowMs()
  const right = '  - { name: r, expect: [{ output: { on: a, command: right, equals: "", for: 600ms } }] }\n'
  const { crashCases } = await runTest(labWith(`${right}${right.replaceAll('r,', 'q,')}${step()}`, head), {
    crashes: (machine) => (machine === 'b' ? printed(...lines) : undefined),
    waits: () => [{ machine: 'a', fromMs: untilMs - 500, untilMs }],
  })
  return crashCases[1]
}

test('what ended by itself after a pause that protocols do not bear proves nothing, though all was right since', async (t) => {
  const late = await afterPause(['--- units', exited])
  t.is(late?.outcome, 'error')
  t.regex(
    late?.found ?? '',
    /^cannot tell: a waited for the host for half or more of 500 ms, .*; found: web.service: Main process exited/,
  )
  t.is((await afterPause(['--- units', exited], ''))?.outcome, 'failed')
  t.is((await afterPause(['--- units'], 'real-time: 300ms\nexpects-crash: [b]'))?.outcome, 'error')
  t.is((await afterPause([segfault, '--- units', exited]))?.outcome, 'failed')
})

test('a unit that systemd ended because it was late may have got no processor, and may be expected', async (t) => {
  const late = ['--- units', unit('web.service: Watchdog timeout (limit 3min)!'), exited]
  t.like(await afterPause(late, ''), { outcome: 'error' })
  t.is((await afterPause(late, 'expects-crash: ["b:web.service"]'))?.outcome, 'passed')
})
