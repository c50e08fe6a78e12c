import test from 'ava'
import { summarise } from '../reports/run/summary.ts'
import type { NewEvent, RunEvent } from './events.ts'
import { type ScopeTimes, timeKey } from './expected-time.ts'
import { hostNowMs } from './host/host-now.ts'
import { noImage } from './providers/qemu/fake-qemu.ts'
import { writeFolder } from './testing/test-labs.ts'
import { labWith, runTest } from './testing/test-run.ts'

/** Answers "yes" to the probe `says` as often as the list tells, and then as its last item does. */
function inTurn(...turns: readonly boolean[]) {
  let turn = 0
  return (_machine: string, command: string) => {
    if (!command.includes('says')) return undefined
    return { stdout: turns[Math.min(turn++, turns.length - 1)] ? 'yes' : 'no' }
  }
}
const says = (times: string) => `{ output: { on: a, command: says, equals: "yes"${times} } }`
const finished = (events: readonly NewEvent[]) => events.find((event) => event.type === 'scope-finished')
const typesOf = (events: readonly NewEvent[]) => events.map(({ type }) => type)

test('a run that observes asks machines that run after each step, but not within a measurement', async (t) => {
  const lab = labWith(`  - { name: one, on: a, run: first }
  - { name: off, events: [{ machine: { node: b, state: crashed } }] }
  - { name: cut, events: [{ link: { endpoint: "a:eth1", state: down } }] }
  - { name: gap, outage: { stream: { from: a, to: a }, while: [{ wait: 1s }], expect: { recovers: true } } }`)
  const answer = (_: string, command: string) =>
    command.includes('ip -d -j address') ? { stdout: 'own\n[]\n\n\nend\n' } : undefined
  const { events } = await runTest(lab, { answer }, { observe: true })
  const looks = events.filter((event) => event.type === 'network-observed')
  const own = { name: 'a', namespaces: [{ name: '', interfaces: [] }] }
  t.deepEqual(looks[0]?.machines, [own, { name: 'b', namespaces: own.namespaces }])
  t.deepEqual(looks[1]?.machines, [own, { name: 'b', namespaces: [], trouble: 'crashed' }])
  t.false(looks.some(({ step }) => step === 2))
  t.false((await runTest(lab, { answer })).events.some(({ type }) => type === 'network-observed'))
})

test('steps are done in order on their nodes, then the machines are gone', async (t) => {
  const lab = labWith('  - { name: one, on: a, run: first }\n  - { name: two, on: b, run: second }')
  const { outcome, provider, events } = await runTest(lab, {})
  t.is(outcome, 'passed')
  t.deepEqual(provider.calls, ['up a b', 'a$ first', 'b$ second', 'tear down'])
  t.deepEqual(typesOf(events), [
    'scope-started',
    'machine-ready',
    'machine-ready',
    'step-started',
    'command-finished',
    'step-finished',
    'step-started',
    'command-finished',
    'step-finished',
    'step-started',
    'case-started',
    'case-finished',
    'case-started',
    'case-finished',
    'step-finished',
    'scope-finished',
  ])
})

test('once enough scopes have failed none begins any more', async (t) => {
  const lab = labWith(`  - { name: s, expect: [${says(', within: 10ms')}] }`)
  for (const [maxFailures, begun] of [
    [1, 1],
    [2, 2],
    [9, 3],
    [undefined, 3],
  ] as const) {
    const limits = maxFailures === undefined ? {} : { maxFailures }
    const { outcome, events } = await runTest(lab, { answer: inTurn(false) }, { repeat: 3, ...limits })
    t.is(outcome, 'failed')
    t.is(events.filter(({ type }) => type === 'scope-started').length, begun)
  }
})

test('an expectation is judged again until it passes within its time', async (t) => {
  const { cases } = await runTest(labWith(`  - { name: s, expect: [${says(', within: 5s')}] }`), {
    answer: inTurn(false, false, true),
  })
  t.like(cases[0], { outcome: 'passed', attempts: 3 })
})

test('an expectation that never comes true in its time fails', async (t) => {
  const { cases, outcome } = await runTest(labWith(`  - { name: s, expect: [${says(', within: 300ms')}] }`), {
    answer: inTurn(false),
  })
  t.is(outcome, 'failed')
  t.true((cases[0]?.attempts ?? 0) >= 2)
})

test('an expectation that must last fails when it stops being true', async (t) => {
  const lasting = labWith(`  - { name: s, expect: [${says(', for: 500ms')}] }`)
  t.is((await runTest(lasting, { answer: inTurn(true, true, false) })).outcome, 'failed')
  const kept = await runTest(lasting, { answer: inTurn(true) })
  t.is(kept.outcome, 'passed')
  t.true((kept.cases[0]?.attempts ?? 0) >= 3)
})

test('a rate that a waiting host can explain is not judged', async (t) => {
  const lab = labWith('  - { name: s, expect: [{ name: rate, transfer-rate: { from: a, to: b, at-least: 4 } }] }')
  const report = JSON.stringify({ end: { sum_received: { bits_per_second: 3_500_000 } } })
  const answer = () => ({ stdout: report })
  t.is((await runTest(lab, { answer })).verdicts['s: rate'], 'failed')
  const waits = [
    { machine: 'a', fromMs: 1000, untilMs: 1300 },
    { machine: 'b', fromMs: 1200, untilMs: 1500 },
  ]
  const { cases } = await runTest(lab, { answer, waits: () => waits })
  t.like(cases[0], { outcome: 'error' })
  t.regex(cases[0]?.found ?? '', /at 3\.50 Mbit\/s, and waited 500 ms of it/)
})

test('commands that must fail may do so in any way, but not for want of a program', async (t) => {
  const lab = labWith('  - { name: s, on: a, run: forbidden, refused: true }')
  const outcomeOf = async (answer: object) => (await runTest(lab, { answer: () => answer })).verdicts['s: is refused']
  t.is(await outcomeOf({ exitCode: 2, stderr: 'Error: whatever' }), 'passed')
  t.is(await outcomeOf({ exitCode: 0 }), 'failed')
  t.is(await outcomeOf({ exitCode: 127, stderr: 'bash: line 1: forbidden: command not found' }), 'error')
  t.is(await outcomeOf({ exitCode: 1, stderr: 'bash: line 1: forbidden: command not found' }), 'error')
})

test('a case that its command skips is asked once, and is skipped with the reason', async (t) => {
  const claim = '{ output: { on: a, command: ./selftest, exit-code: 0, skip-code: 4 } }'
  const lab = labWith(`  - { name: s, expect: [${claim}] }\n  - { name: later, on: a, run: later }`)
  const answer = (_: string, command: string) =>
    command === './selftest' ? { exitCode: 4, stdout: 'ok 1 # SKIP no vrf\n' } : {}
  const { outcome, cases, provider } = await runTest(lab, { answer })
  t.like(cases[0], { outcome: 'skipped', found: 'ok 1 # SKIP no vrf', attempts: 1 })
  t.is(outcome, 'passed')
  t.true(provider.calls.includes('a$ later'))
})

test('what goes wrong in a step is told with the place of the step', async (t) => {
  const lab = labWith('  - { name: fine, on: a, run: fine }\n  - { name: s, on: a, run: wrong }')
  const { events } = await runTest(lab, { answer: (_, command) => ({ exitCode: command === 'wrong' ? 1 : 0 }) })
  const ends = events.flatMap((event) => (event.type === 'step-finished' ? [event] : []))
  t.is(ends[0]?.line, undefined)
  t.like(ends[1], { outcome: 'error', file: lab.file, line: 10 })
})

test('commands that must be refused are a case of their own', async (t) => {
  const lab = labWith('  - { name: s, on: a, run: forbidden, refused: not allowed }')
  const outcomeOf = async (answer: object) => (await runTest(lab, { answer: () => answer })).verdicts['s: is refused']
  t.is(await outcomeOf({ exitCode: 2, stderr: 'this is not allowed' }), 'passed')
  t.is(await outcomeOf({ exitCode: 2, stderr: 'another mistake' }), 'failed')
  t.is(await outcomeOf({ exitCode: 0 }), 'failed')
  t.is(await outcomeOf({ exitCode: 127, stderr: 'forbidden: command not found' }), 'error')
})

test('when commands fail, the cases of their step and of all later ones are skipped, and it is an error', async (t) => {
  const lab = labWith(
    `  - { name: one, on: a, run: breaks, expect: [${says('')}] }\n  - { name: two, expect: [${says('')}] }`,
  )
  const { outcome, cases, events } = await runTest(lab, {
    answer: (_machine, command) =>
      command.includes('breaks') ? { exitCode: 3, stderr: 'it broke' } : { stdout: 'yes' },
  })
  t.is(outcome, 'error')
  t.deepEqual(
    cases.map((one) => one.outcome),
    ['skipped', 'skipped'],
  )
  t.regex(cases[0]?.found ?? '', /exit code 3: it broke/)
  t.regex(cases[1]?.found ?? '', /step "one" went wrong/)
  t.deepEqual(
    events.flatMap((event) => (event.type === 'step-started' ? [event.name] : [])),
    ['one', 'What crashed'],
  )
})

test('that the network said no stays the outcome when something breaks afterwards', async (t) => {
  const no = `{ name: one, expect: [${says(', within: 50ms')}] }`
  const broken = labWith(`  - ${no}\n  - { name: two, on: a, run: breaks }`)
  const breaks = await runTest(broken, {
    answer: (_machine, command) => (command.includes('breaks') ? { exitCode: 1 } : { stdout: 'no' }),
  })
  t.is(breaks.outcome, 'failed')
  t.like(finished(breaks.events), { outcome: 'failed', message: 'step "two" went wrong' })
  const dying = await runTest(broken, {
    answer: (_machine, command) => (command.includes('breaks') ? { dies: 'it burnt' } : { stdout: 'no' }),
  })
  t.is(dying.outcome, 'failed')
  t.like(finished(dying.events), { outcome: 'failed', message: 'machine a died: it burnt' })
})

test('commands that do not end in their time are an error', async (t) => {
  const lab = labWith('  - { name: s, on: a, run: slow, timeout: 100ms }')
  const { outcome, events } = await runTest(lab, { answer: () => ({ afterMs: 10_000 }) })
  t.is(outcome, 'error')
  t.true(
    events.some((event) => event.type === 'step-finished' && /had not ended after 0.1 s/.test(event.message ?? '')),
  )
})

test('a machine that dies in the middle of a step makes an error with its reason, and all machines are ended', async (t) => {
  const lab = labWith(`  - { name: one, on: a, run: panic, expect: [${says('')}] }\n  - { name: two, on: b, run: x }`)
  const { outcome, events, provider } = await runTest(lab, {
    answer: (_machine, command) => (command.includes('panic') ? { dies: 'QEMU was ended by SIGKILL' } : undefined),
  })
  t.is(outcome, 'error')
  t.like(finished(events), { outcome: 'error', message: 'machine a died: QEMU was ended by SIGKILL' })
  t.true(events.some((event) => event.type === 'machine-died' && event.consoleTail !== ''))
  t.deepEqual(provider.calls.slice(-1), ['tear down'])
  t.false(provider.calls.includes('b$ x'))
})

test('machines that do not come up make an error', async (t) => {
  const { outcome, events } = await runTest(labWith('  - { name: s, on: a, run: x }'), { refuses: 'cannot start QEMU' })
  t.is(outcome, 'error')
  t.like(finished(events), { message: 'cannot start QEMU' })
})

test('a scope whose folder cannot be made is an error of its own; the others, and those beside it, go on', async (t) => {
  const lab = labWith('  - { name: s, on: a, run: x }')
  // Where the second of three scopes would have its folder there is a file.
  const results = writeFolder({ [`${lab.name}/default-2`]: '' })
  const script = { answer: () => ({ afterMs: 50 }) }
  const { outcome, events, provider } = await runTest(lab, script, { jobs: 2, repeat: 3, results })
  t.is(outcome, 'error')
  t.deepEqual(provider.calls.toSorted(), ['a$ x', 'a$ x', 'tear down', 'tear down', 'up a b', 'up a b'])
  const ofBroken = events.filter((event) => 'scope' in event && event.scope === `${lab.name}/default #2`)
  t.deepEqual(typesOf(ofBroken), ['scope-started', 'scope-finished'])
  t.like(finished(ofBroken), { outcome: 'error' })
  t.regex(finished(ofBroken)?.message ?? '', /^cannot make folder .*default-2: EEXIST/)
})

test('machines that cannot be ended make an error, unless the network said no', async (t) => {
  const lab = labWith(`  - { name: s, expect: [${says('')}] }`)
  const lingers = 'cannot end machine a: it does not listen'
  const passed = await runTest(lab, { answer: inTurn(true), lingers })
  t.like(finished(passed.events), { outcome: 'error', message: lingers })
  const failed = await runTest(lab, { answer: inTurn(false), lingers })
  t.like(finished(failed.events), { outcome: 'failed', message: lingers })
})

test('when the runner itself breaks, the machines of all scopes are ended before it throws', async (t) => {
  const calls: string[] = []
  let steps = 0
  const run = runTest(
    labWith('  - { name: s, on: a, run: x }'),
    { answer: () => ({ afterMs: 50 }) },
    {
      jobs: 2,
      repeat: 4,
      onEvent({ type }) {
        calls.push(type)
        if (type === 'scope-started' && ++steps === 2) throw new Error('a sink broke')
      },
    },
  )
  await t.throwsAsync(run, { message: 'a sink broke' })
  t.is(calls.filter((type) => type === 'scope-finished').length, 1)
  t.is(calls.filter((type) => type === 'scope-started').length, 2)
})

test('when the run is aborted, the machines are ended first and then its reason is thrown', async (t) => {
  const abort = new AbortController()
  const calls: string[] = []
  const run = runTest(
    labWith('  - { name: s, on: a, run: slow }'),
    { answer: () => ({ afterMs: 60_000 }) },
    {
      signal: abort.signal,
      onEvent(event) {
        calls.push(event.type)
        if (event.type === 'step-started') setTimeout(() => abort.abort(new Error('interrupted')), 20)
      },
    },
  )
  await t.throwsAsync(run, { message: 'interrupted' })
  t.is(calls.at(-1), 'scope-finished')
})

test('what cannot be told is an error, not a failure', async (t) => {
  const { outcome, cases } = await runTest(labWith(`  - { name: s, expect: [${says(', within: 100ms')}] }`), {
    answer: () => ({ exitCode: 127, stderr: 'sh: 1: says: not found' }),
  })
  t.is(outcome, 'error')
  t.is(cases[0]?.outcome, 'error')
})

test('scopes run side by side up to the number of jobs, and those in real time up to theirs', async (t) => {
  const most = async (more?: string) => {
    let [running, found] = [0, 0]
    await runTest(
      labWith('  - { name: s, on: a, run: x }', more),
      { answer: () => ({ afterMs: 30 }) },
      {
        ...{ jobs: 3, jobsInRealTime: 2, repeat: 5 },
        onEvent({ type }) {
          if (type === 'scope-started') found = Math.max(found, ++running)
          if (type === 'scope-finished') running--
        },
      },
    )
    return found
  }
  t.is(await most(), 3)
  t.is(await most('real-time: 1s'), 2)
})

test('of scopes that run side by side the longest begins first, those in real time come last, and one by one they are as given', async (t) => {
  const measuring = '{ transfer-rate: { from: a, to: b, at-least: 4 } }'
  const lab = labWith(
    `  - { name: s, on: a, run: x }\n  - { name: rate, only-in: [measures], expect: [${measuring}] }`,
    'real-time: "{{bears}}"\nvariants:\n  measures: { bears: 60m }\n  urgent: { bears: 1s }\n  quick: { bears: 60m }\n  long: { bears: 60m }',
  )
  const seconds = { measures: 90, urgent: 60, quick: 2, long: 30 }
  const times = new Map(Object.entries(seconds).map(([name, s]) => [timeKey(lab.name, name), 1000 * s] as const))
  const begun = async (jobs: number, known?: ScopeTimes) => {
    const { events } = await runTest(lab, {}, { jobs, ...(known ? { times: known } : {}) })
    return events.flatMap((event) => (event.type === 'scope-started' ? [event.variant] : []))
  }
  t.deepEqual(await begun(2, times), ['long', 'quick', 'urgent', 'measures'])
  t.deepEqual(await begun(2), ['quick', 'long', 'urgent', 'measures'])
  t.deepEqual(await begun(1, times), ['quick', 'long', 'urgent', 'measures'])
})

test('machines of the next scope are brought up while the present one waits', async (t) => {
  const lab = labWith('  - { name: s, on: a, run: waits }')
  const upBeforeEnd: number[] = []
  let up = 0
  await runTest(
    lab,
    { answer: () => ({ afterMs: 50 }) },
    {
      jobs: 2,
      repeat: 3,
      onEvent({ type }) {
        if (type === 'machine-ready') up++
        if (type === 'command-finished') upBeforeEnd.push(up)
      },
    },
  )
  t.is(upBeforeEnd[0], 4)
})

test('beside protocols that give up early no machines are brought up and set up; those that are, are so two at once', async (t) => {
  const steps = '  - { name: set-up, on: a, run: waits }\n  - { name: claims, on: b, run: waits, refused: "no" }'
  const seen = async (realTime: string) => {
    const [judged, worked] = [new Set<string>(), new Set<string>()]
    let [beside, most, asked] = [0, 0, 0]
    await runTest(
      labWith(steps, `real-time: ${realTime}`),
      { answer: (machine) => ({ afterMs: 10 * (asked++ % 5), exitCode: machine === 'b' ? 1 : 0, stderr: 'no' }) },
      {
        ...{ jobs: 4, startsAtOnce: 2, repeat: 8 },
        onEvent(event) {
          const isSetUp = event.type === 'step-started' && event.step === 0
          if (event.type === 'step-started' && event.step === 1) judged.add(event.scope)
          if (event.type === 'step-finished' && event.step === 1) judged.delete(event.scope)
          if (isSetUp) most = Math.max(most, worked.add(event.scope).size)
          if (event.type === 'step-finished') worked.delete(event.scope)
          if ((event.type === 'machine-ready' || isSetUp) && judged.size > 0) beside++
        },
      },
    )
    return { beside: beside > 0, most }
  }
  t.deepEqual(await seen('300ms'), { beside: false, most: 2 })
  t.true((await seen('60m')).beside)
})

/** Prints "yes", but at first what nobody can judge. */
function toldAt(attempt: number, then: object = { stdout: 'yes' }) {
  let asked = 0
  return (_machine: string, command: string) => {
    if (!command.includes('says')) return undefined
    return ++asked < attempt ? { exitCode: 127, stderr: 'sh: 1: says: not found' } : then
  }
}
const once = `  - { name: s, expect: [${says(', within: 0s')}] }`

test('a scope with an inconclusive case is tried again in fresh machines, and takes that verdict', async (t) => {
  const { outcome, provider, events } = await runTest(labWith(once), { answer: toldAt(2) }, { retries: 1 })
  t.is(outcome, 'passed')
  t.is(provider.calls.filter((call) => call === 'up a b').length, 2)
  const [first, second] = events.filter((event) => event.type === 'scope-started')
  t.is(second?.retryOf, first?.scope)
  t.not(second?.folder, first?.folder)
  const { scopes, retries, counts } = summarise(events.map((event) => ({ ...event, at: 0 }) as RunEvent))
  t.deepEqual([scopes.length, retries.length], [1, 1])
  t.deepEqual(counts, { passed: 3, failed: 0, error: 0, skipped: 0 })
  t.is(scopes[0]?.cases[0]?.otherTries?.[0]?.outcome, 'error')
})

test('it is tried as often as asked, what is still inconclusive is an error, and what fails then has failed', async (t) => {
  const run = (attempt: number, retries: number, then?: object) =>
    runTest(labWith(once), { answer: toldAt(attempt, then) }, { retries })
  t.is((await run(2, 0)).outcome, 'error')
  t.is((await run(3, 1)).outcome, 'error')
  t.is((await run(3, 2)).outcome, 'passed')
  t.is((await run(2, 1, { stdout: 'no' })).outcome, 'failed')
})

test('a step that may have gone wrong for a pause of a machine is tried again, with all that follows', async (t) => {
  const steps = `  - { name: s, on: a, run: x }\n  - { name: t, expect: [${says('')}] }`
  const run = async (pauseMs: number, wrong: readonly number[], retries = 2) => {
    const untilMs = hostNowMs()
    let tries = 0
    const { events, outcome } = await runTest(
      labWith(steps, 'real-time: 300ms'),
      {
        answer: (_, command) =>
          command.includes('says')
            ? { stdout: 'yes' }
            : command.includes('x')
              ? { exitCode: wrong.includes(tries) ? 1 : 0 }
              : undefined,
        waits: () => (tries === 1 ? [{ machine: 'b', fromMs: untilMs - pauseMs, untilMs }] : []),
      },
      {
        retries,
        onEvent: ({ type }) => {
          if (type === 'scope-started') tries++
        },
      },
    )
    const { counts, outcome: reported } = summarise(events.map((event) => ({ ...event, at: 0 }) as RunEvent))
    return { tries, outcome, reported, ...counts }
  }
  const well = { outcome: 'passed', reported: 'passed', passed: 3, failed: 0, error: 0, skipped: 0 } as const
  t.deepEqual(await run(500, [1]), { tries: 2, ...well })
  t.like(await run(200, [1]), { tries: 1, outcome: 'error', reported: 'error' })
  t.like(await run(500, [1], 0), { tries: 1, outcome: 'error', reported: 'error' })
  t.like(await run(500, [1, 2], 1), { tries: 2, outcome: 'error', reported: 'error' })
  t.deepEqual(await run(500, [1, 2]), { tries: 3, ...well })
})

test('what failed stands, and what broke otherwise is not tried again', async (t) => {
  const failing = await runTest(labWith(once), { answer: inTurn(false, true) }, { retries: 1 })
  t.deepEqual([failing.outcome, failing.provider.calls.filter((call) => call === 'up a b').length], ['failed', 1])
  const broken = await runTest(
    labWith('  - { name: s, on: a, run: x }'),
    { answer: () => ({ exitCode: 1 }) },
    { retries: 1 },
  )
  t.deepEqual([broken.outcome, broken.provider.calls.filter((call) => call === 'up a b').length], ['error', 1])
})

test('of an interrupted run it is known which scopes it cut short', async (t) => {
  const abort = new AbortController()
  const events: NewEvent[] = []
  const run = runTest(
    labWith('  - { name: s, on: a, run: go }'),
    {
      answer() {
        if (finished(events) !== undefined) setImmediate(() => abort.abort(new Error('interrupted')))
        return finished(events) === undefined ? {} : { afterMs: 10_000 }
      },
    },
    { signal: abort.signal, repeat: 3, onEvent: (event) => events.push(event) },
  )
  await t.throwsAsync(run, { message: 'interrupted' })
  const cutShort = events.flatMap((event) => (event.type === 'scope-finished' ? [event.interrupted] : []))
  t.deepEqual(cutShort, [undefined, true])
})

test('a lab that an image does not do for is skipped with the reason, and nothing is brought up', async (t) => {
  const manifest = { kernel: { release: '6.1.0', commandLine: '', modules: ['bridge'] }, commands: ['ip'] }
  const image = { ...noImage, manifest: { ...noImage.manifest, ...manifest } }
  const imagesOf = () =>
    new Map([
      ['a', image],
      ['b', image],
    ])
  for (const [requires, message] of [
    ['{ kernel: ">=6.12" }', 'image debian-12 does not do for the lab: its kernel is 6.1.0, not >=6.12'],
    ['{ commands: [vtysh, ip] }', 'image debian-12 does not do for the lab: it has no command vtysh'],
    ['{ modules: [bridge] }', undefined],
  ] as const) {
    const lab = labWith('  - { name: s, on: a, run: x }', `requires: ${requires}`)
    const { outcome, events, provider } = await runTest(lab, {}, { imagesOf })
    t.is(outcome, message === undefined ? 'passed' : 'skipped')
    t.is(finished(events)?.message, message)
    t.is(provider.calls.length === 0, message !== undefined)
  }
})

test('where the first claim fails somebody may look at the machines, before anything else is done', async (t) => {
  const lab = labWith(`  - { name: first, on: a, run: make it }
  - name: claims
    expect:
      - output: { on: a, command: see, lacks: "x" }
      - output: { on: b, command: ask, contains: "x" }
      - output: { on: a, command: look, contains: "y" }
  - { name: last, on: b, run: break it }`)
  const failures: string[] = []
  const look = (haltAtFailure: boolean) => {
    const run = runTest(
      lab,
      {},
      {
        haltAtFailure,
        async onFailure(scope, { step, node, context }) {
          await context.nodes.run(node, ['whoami'], { timeoutMs: 1000 })
          failures.push(`${scope.variant.name} ${step.name} ${node}`)
        },
      },
    )
    return run.then(({ provider }) =>
      provider.calls.filter((call) => call.includes('$ ')).map((call) => call.slice(-8)),
    )
  }
  const whole = await look(false)
  t.deepEqual(failures, ['default claims b'])
  t.regex(whole[whole.findIndex((call) => call.endsWith('look')) - 1] ?? '', /whoami$/)
  t.regex(whole.at(-1) ?? '', /break it$/)
  t.false((await look(true)).some((call) => call.endsWith('break it')))
})
