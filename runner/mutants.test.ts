import test from 'ava'
import { summarise } from '../reports/run/summary.ts'
import { cutScopes } from './cut.ts'
import type { NewEvent, RunEvent } from './events.ts'
import { hostNowMs } from './host/host-now.ts'
import { mutantsOf, sampleOf, scopesToTry } from './mutant-scopes.ts'
import type { FakeScript } from './providers/fake/fake-provider.ts'
import { exitCodeOf } from './result.ts'
import { labWith, runTest } from './testing/test-run.ts'

const says = '{ output: { on: a, command: says, equals: "yes", within: 10ms } }'
const lab = (variants = '', survives = '') =>
  labWith(
    `  - { name: s, id: s, on: a, run: "work {{v}}", expect: [${says}, ${says}] }\n  - { name: t, expect: [${says}] }`,
    `${variants || 'values: { v: x }'}\n${survives}`,
  )
const three = 'variants: { x: { v: x }, y: { v: y }, z: { v: z } }'

/** Answers what the machines say, by whether the work was done in them. */
async function tryMutant(script: FakeScript, { variants = '', survives = '' } = {}, retries = 0) {
  const run = await runTest(lab(variants, survives), script, { kind: 'mutate-auto', retries })
  const started = { type: 'run-started', at: 0, scopes: [] } as unknown as RunEvent
  const [scope, ...more] = summarise([
    started,
    ...run.events.map((event: NewEvent) => ({ ...event, at: 0 }) as RunEvent),
  ]).scopes
  const scopes = run.events.flatMap((event) => (event.type === 'scope-started' ? [event.scope] : []))
  return { ...run, scope, more, scopes, exitCode: exitCodeOf(run.outcome) }
}
const done = (calls: readonly string[]) => calls.some((call) => call.includes('work'))
const always = (stdout: string): FakeScript => ({
  answer: (_, command) => (command.includes('says') ? { stdout } : undefined),
})

test('a mutant that a case notices is caught, and nothing more is asked', async (t) => {
  const { scope, outcome, cases, exitCode, provider } = await tryMutant(always('no'))
  t.is(outcome, 'passed')
  t.is(exitCode, 0)
  t.like(scope?.mutant, {
    state: 'caught',
    name: 's: left out',
    kind: 'step',
    caughtBy: { case: 's: "says" on a prints "yes"' },
  })
  t.is(cases.length, 1)
  t.false(done(provider.calls))
})

test('a mutant of which every claim still passes in all its variants survives', async (t) => {
  const { scope, outcome, exitCode, scopes } = await tryMutant(always('yes'), { variants: three })
  t.is(outcome, 'failed')
  t.is(exitCode, 1)
  t.like(scope?.mutant, { state: 'survived' })
  t.is(scope?.cases[0]?.message, 'every claim still passes: the step is left out')
  t.deepEqual(
    scopes,
    ['lab/x (s: left out)', 'lab/y (s: left out)', 'lab/z (s: left out)'].map((name) =>
      name.replace('lab', scope?.lab ?? ''),
    ),
  )
})

test('a mutant is tried in one variant after another until it is caught', async (t) => {
  let up = 0
  const { scope, more, outcome, scopes } = await tryMutant(
    { answer: (_, command) => (command.includes('says') ? { stdout: up++ < 3 ? 'yes' : 'no' } : undefined) },
    { variants: three },
  )
  t.is(outcome, 'passed')
  t.like(scope?.mutant, { state: 'caught' })
  t.is(scopes.length, 2)
  t.is(more.length, 0)
})

test('a survivor that is explained is skipped with its reason, and one that is caught all the same is a failure', async (t) => {
  const survives = "survives: { 's: left out': nobody looks }"
  const survived = await tryMutant(always('yes'), { survives })
  t.is(survived.outcome, 'skipped')
  t.like(survived.scope?.cases[0], { outcome: 'skipped', message: 'nobody looks' })
  const caught = await tryMutant(always('no'), { survives })
  t.is(caught.outcome, 'failed')
  t.regex(caught.scope?.cases[0]?.message ?? '', /^needless in survives: caught by/)
})

test('what could not be judged is an error and never caught', async (t) => {
  const silent: FakeScript = {
    answer: (_, command) =>
      command.includes('says') ? { exitCode: 127, stderr: 'says: command not found' } : undefined,
  }
  t.like(await tryMutant(silent), { outcome: 'error', scope: { mutant: { state: 'unknown' } } })
  t.is((await tryMutant({ refuses: 'no machine' })).outcome, 'error')
  const dies: FakeScript = { answer: (_, command) => (command.includes('says') ? { dies: 'it burnt' } : undefined) }
  t.is((await tryMutant(dies)).outcome, 'error')
})

test('a node whose network namespace is not there any more catches a mutant, by what is asked or sent there', async (t) => {
  const gone = { exitCode: 255, stderr: 'Cannot open network namespace "n": No such file or directory\n' }
  const asked = await tryMutant({ answer: (_, command) => (command.includes('says') ? gone : undefined) })
  t.like(asked.scope?.mutant, { state: 'caught', caughtBy: { case: 's: "says" on a prints "yes"' } })
  const { events } = await runTest(
    labWith(`  - { name: s, id: s, on: a, run: make }
  - name: t
    outage: { stream: { from: a, to: b }, while: [{ run: cut, on: a }], expect: { recovers: true } }`),
    { answer: (_, command) => (command.includes('python3') ? gone : undefined) },
    { kind: 'mutate-auto' },
  )
  t.like(
    events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)')),
    { caught: true, caughtBy: { step: 't' } },
  )
})

for (const [what, step, program] of [
  ['captured', 'capture: { c: { nic: "a:eth1" } }, on: b, run: cut', 'tcpdump'],
  ['fetched from', 'on: a, fetch: { file: /tmp/file }', 'head'],
] as const)
  test(`a node whose network namespace is not there any more and is ${what} catches a mutant`, async (t) => {
    const gone = { exitCode: 255, stderr: 'Cannot open network namespace "n": No such file or directory\n' }
    const { events } = await runTest(
      labWith(`  - { name: s, id: s, on: a, run: make }\n  - { name: t, ${step} }`),
      { answer: (_, command) => (command.includes(program) ? gone : undefined) },
      { kind: 'mutate-auto' },
    )
    const finished = events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'))
    t.like(finished, { caught: true, caughtBy: { step: 't' } })
  })

test('what could not be judged is tried again, alone', async (t) => {
  let asked = 0
  const script: FakeScript = {
    answer: (_, command) =>
      !command.includes('says')
        ? undefined
        : asked++ === 0
          ? { exitCode: 127, stderr: 'not found' }
          : { stdout: asked < 5 ? 'yes' : 'no' },
  }
  const { outcome, scope, scopes } = await tryMutant(script, {}, 1)
  t.is(outcome, 'passed')
  t.like(scope?.mutant, { state: 'caught' })
  t.true(scopes.at(-1)?.endsWith(', try 2'))
})

test('a command that goes wrong for it catches a mutant, one before it does not', async (t) => {
  const steps = `  - { name: s, id: s, on: a, run: "one; two" }\n  - { name: t, on: a, run: later, expect: [${says}] }`
  const run = (wrong: string) =>
    runTest(
      labWith(steps),
      {
        answer: (_, command) =>
          command.includes('says') ? { stdout: 'yes' } : command.includes(wrong) ? { exitCode: 1 } : undefined,
      },
      { kind: 'mutate-auto' },
    )
  const finished = (events: readonly NewEvent[], scope: string) =>
    events.find((event) => event.type === 'scope-finished' && event.scope.endsWith(scope))
  const { events } = await run('later')
  t.like(finished(events, '(s: without "one")'), {
    caught: true,
    caughtBy: { step: 't', message: 'the commands ended with exit code 1' },
  })
  t.like(finished((await run('one; two')).events, '(t: left out)'), { outcome: 'error', caught: false })
})

test('a command that goes wrong after a pause that protocols do not bear catches no mutant, until another try', async (t) => {
  const steps = `  - { name: s, id: s, on: a, run: "one; two" }\n  - { name: t, on: a, run: later, expect: [${says}] }`
  const outcomeAfter = async (pauseMs: number, ending = '(s: without "one")') => {
    let pauses = [pauseMs]
    const untilMs = hostNowMs()
    const { events } = await runTest(
      labWith(steps, 'real-time: 300ms'),
      {
        answer: (_, command) => (command.includes('later') ? { exitCode: 1 } : { stdout: 'yes' }),
        waits: () => pauses.map((lengthMs) => ({ machine: 'b', fromMs: untilMs - lengthMs, untilMs })),
      },
      {
        ...{ kind: 'mutate-auto', retries: 1 },
        onEvent(event) {
          if (event.type === 'scope-started' && event.retryOf !== undefined) pauses = []
        },
      },
    )
    return events.find((event) => event.type === 'scope-finished' && event.scope.endsWith(ending))
  }
  t.like(await outcomeAfter(200), { outcome: 'passed', caught: true })
  t.like(await outcomeAfter(500), { outcome: 'error', caught: false })
  t.like(await outcomeAfter(500, '(s: without "one"), try 2'), { outcome: 'passed', caught: true })
})

test('once a pause keeps a claim from being judged, a mutant is left for its other try, which does all', async (t) => {
  const steps = ['s', 't'].map((name) => `  - { name: ${name}, on: a, run: "one; two", expect: [${says}] }`).join('\n')
  const done = async (retries: number, realTime: string) => {
    const untilMs = hostNowMs()
    const { events } = await runTest(
      labWith(steps, `real-time: ${realTime}`),
      { answer: () => ({ stdout: 'no' }), waits: () => [{ machine: 'b', fromMs: untilMs - 500, untilMs }] },
      { kind: 'mutate-auto', retries },
    )
    const of = (ending: string) =>
      events.flatMap((one) => (one.type === 'step-started' && one.scope.endsWith(ending) ? [one.name] : []))
    return { first: of('(s: without "one")'), second: of('(s: without "one"), try 2') }
  }
  t.deepEqual(await done(1, '300ms'), { first: ['s'], second: ['s', 't', 'What crashed'] })
  t.deepEqual(await done(0, '300ms'), { first: ['s', 't', 'What crashed'], second: [] })
  t.deepEqual(await done(1, '3s'), { first: ['s'], second: [] })
})

const impossible: Readonly<Record<string, [first: string, then: string, message: string]>> = {
  'a NIC that is in': [
    'events: [{ nic: { endpoint: "a:eth1", state: unplugged } }]',
    'events: [{ nic: { endpoint: "a:eth1", state: plugged } }]',
    'cannot plug a:eth1 in: it is in already',
  ],
  'a machine that runs': [
    'events: [{ machine: { node: a, state: stopped } }]',
    'events: [{ machine: { node: a, state: running } }]',
    'cannot start machine a: it runs',
  ],
}

for (const [what, [first, then, message]] of Object.entries(impossible)) {
  test(`an event that is impossible without the step left out catches a mutant: ${what}`, async (t) => {
    const steps = `  - { name: s, ${first} }\n  - { name: t, ${then}, expect: [${says}] }`
    const { events } = await runTest(labWith(steps), always('yes'), { kind: 'mutate-auto' })
    const finished = events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'))
    t.like(finished, { outcome: 'passed', caught: true, caughtBy: { step: 't', message } })
  })

  test(`an event that is impossible stays an error of a run: ${what}`, async (t) => {
    const { outcome, events, cases } = await runTest(
      labWith(`  - { name: t, ${then}, expect: [${says}] }\n  - { name: u, expect: [${says}] }`),
      always('yes'),
    )
    t.is(outcome, 'error')
    t.like(
      events.find(({ type }) => type === 'step-finished'),
      { outcome: 'error', message },
    )
    t.deepEqual(
      cases.map(({ found }) => found),
      [`not tried: ${message}`, `not tried: step "t" broke: ${message}`],
    )
  })
}

test('a step on a machine that the step left out would have started catches a mutant; one on a machine that died does not', async (t) => {
  const restart = (state: string) => `events: [{ machine: { node: a, state: ${state} } }]`
  const steps = `  - { name: r, ${restart('crashed')} }\n  - { name: s, ${restart('running')} }\n  - { name: t, on: a, run: work, expect: [${says}] }`
  const finished = async (script: FakeScript) =>
    (await runTest(labWith(steps), script, { kind: 'mutate-auto' })).events.find(
      (event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'),
    )
  t.like(await finished(always('yes')), {
    caught: true,
    caughtBy: { step: 't', message: 'cannot use machine a: it is crashed' },
  })
  const dies: FakeScript = { answer: (_, command) => (command.includes('work') ? { dies: 'it burnt' } : undefined) }
  const own = labWith(`  - { name: s, on: b, run: other }\n  - { name: t, on: a, run: work, expect: [${says}] }`)
  const died = (await runTest(own, dies, { kind: 'mutate-auto' })).events.find(
    (event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'),
  )
  t.like(died, { outcome: 'error', caughtBy: undefined })
})

test('a claim that asks a machine that the lab left stopped or frozen catches a mutant, and is an error of a run', async (t) => {
  const to = (state: string) => `events: [{ machine: { node: a, state: ${state} } }]`
  for (const state of ['frozen', 'stopped', 'crashed']) {
    const first = `  - { name: r, ${to(state)} }`
    const found = `cannot use machine a: it is ${state}`
    const whole = labWith(`${first}\n  - { name: s, ${to('running')} }\n  - { name: t, expect: [${says}, ${says}] }`)
    const { events } = await runTest(whole, always('yes'), { kind: 'mutate-auto' })
    const finished = events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'))
    t.like(finished, { outcome: 'passed', caught: true, caughtBy: { case: 't: "says" on a prints "yes"' } })
    const { cases, outcome } = await runTest(labWith(`${first}\n  - { name: t, expect: [${says}] }`), always('yes'))
    t.is(outcome, 'error')
    t.like(cases[0], { outcome: 'error', found })
  }
})

/** The steps of a lab before a machine fails, and what is claimed when it runs again. */
const asked: Readonly<Record<string, [before: string, claim: string]>> = {
  'a capture in it holds': ['capture: { c: { nic: "a:eth1", until: u } }', 'frames: { in: c, filter: arp, count: 0 }'],
  'a process on it printed': ['on: a, start: { id: p, run: serve }', 'printed: { by: p, contains: x, within: 10ms }'],
  'a process on it did not print': ['on: a, start: { id: p, run: serve }', 'printed: { by: p, lacks: x }'],
}

/** A capture without a frame, and a process that prints nothing. */
const report = 'tcpdump: 0 packets captured, 0 packets received by filter, 0 packets dropped by kernel\n'
const silent = (_: string, command: string) => {
  if (command.includes('tcpdump -i')) return { stderr: 'tcpdump: listening on eth1\n', stays: true, reports: [report] }
  return command.includes('serve') ? { stdout: '77\n', stays: true } : undefined
}

for (const [what, [before, claim]] of Object.entries(asked)) {
  for (const state of ['frozen', 'crashed']) {
    test(`a mutant that leaves a machine ${state} is caught by a claim on what ${what}`, async (t) => {
      const to = (wanted: string) => `events: [{ machine: { node: a, state: ${wanted} } }]`
      const steps = `  - { name: q, ${before} }\n  - { name: r, ${to(state)} }\n  - { name: s, ${to('running')} }
  - { name: t, expect: [{ ${claim} }] }\n  - { name: u, id: u, on: b, run: other }`
      const { events } = await runTest(labWith(steps), { answer: silent }, { kind: 'mutate-auto' })
      const finished = events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'))
      t.like(finished, { outcome: 'passed', caught: true })
      t.regex(JSON.stringify(finished), /"case":"t: /)
    })
  }
}

test('a mutant that every claim passes survives also where a machine is stopped at the end', async (t) => {
  const crashed = 'events: [{ machine: { node: a, state: crashed } }]'
  const onB = says.replace('on: a', 'on: b')
  const steps = `  - { name: s, on: b, run: work, expect: [${onB}] }\n  - { name: t, ${crashed}, expect: [${onB}] }`
  const { events } = await runTest(labWith(steps), always('yes'), { kind: 'mutate-auto' })
  const finished = events.find((event) => event.type === 'scope-finished' && event.scope.endsWith('(s: left out)'))
  t.like(finished, { outcome: 'failed', caught: false, message: 'every claim still passes' })
})

test('mutants are tried only in the variants selected, and by name when one is given', (t) => {
  const own = lab(three)
  t.deepEqual(
    scopesToTry(mutantsOf([{ lab: own, variant: 'y' }])).map(({ variant, otherwise }) => [
      variant.name,
      otherwise?.length,
    ]),
    [['y', 0]],
  )
  t.is(mutantsOf([{ lab: own }], ['s: left out']).length, 1)
  t.throws(() => mutantsOf([{ lab: own }], ['s: lft out']), { message: /no mutation has that name/ })
})

test('the parts of a run have each mutant once, with all its variants, in folders of their own', (t) => {
  const scopes = scopesToTry(mutantsOf([{ lab: labWith(`  - { name: s, on: a, run: "one {{v}}; two" }`, three) }]))
  const parts = cutScopes(scopes, 2, new Map()).parts.flat()
  t.is(parts.length, 3)
  const all = parts.flatMap((scope) => [scope, ...(scope.otherwise ?? [])])
  t.is(all.length, 9)
  t.is(new Set(all.map(({ folder }) => folder)).size, 9)
})

test('a sample is the same for the same seed, and in the order of all', (t) => {
  const all = Array.from({ length: 100 }, (_, n) => n)
  const one = sampleOf(all, { size: 10, seed: 7 })
  t.deepEqual(one, sampleOf(all, { size: 10, seed: 7 }))
  t.notDeepEqual(one, sampleOf(all, { size: 10, seed: 8 }))
  t.deepEqual(
    one,
    one.toSorted((left, right) => left - right),
  )
  t.is(new Set(one).size, 10)
  t.is(sampleOf(all, { size: 1000, seed: 1 }).length, 100)
})
