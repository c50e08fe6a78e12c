import test from 'ava'
import { summarise } from '../reports/run/summary.ts'
import type { RunEvent } from './events.ts'
import { hostNowMs } from './host/host-now.ts'
import { scopesToMutate } from './scopes.ts'
import { labWith, runTest } from './testing/test-run.ts'

const says = (times: string) => `{ output: { on: a, command: says, equals: "yes"${times} } }`

test('a mutation is caught when the named case fails, and nothing is done after it', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: needed }\n  - { name: two, expect: [${says(', within: 50ms')}] }\n  - { name: three, on: a, run: later }`,
    'mutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  let done = false
  const { outcome, provider } = await runTest(
    lab,
    {
      answer(_machine, command) {
        if (command.includes('needed')) done = true
        return command.includes('says') ? { stdout: done ? 'yes' : 'no' } : undefined
      },
    },
    { kind: 'mutate' },
  )
  t.is(outcome, 'passed')
  t.false(provider.calls.some((call) => call.includes('later')))
})

test('a mutation that no named case catches is a failure', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: needless }\n  - { name: two, expect: [${says('')}] }`,
    'mutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  const { outcome, events } = await runTest(lab, { answer: () => ({ stdout: 'yes' }) }, { kind: 'mutate' })
  t.is(outcome, 'failed')
  t.like(
    events.find(({ type }) => type === 'scope-finished'),
    { caught: false },
  )
})

test('whoever makes a mistake types on: commands that fail after it do not end the lab', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: needed }\n  - { name: two, on: a, run: builds-on-it, expect: [${says(', within: 50ms')}] }`,
    'mutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  const { outcome } = await runTest(
    lab,
    {
      answer: (_machine, command) =>
        command.includes('builds-on-it') ? { exitCode: 1 } : command.includes('says') ? { stdout: 'no' } : undefined,
    },
    { kind: 'mutate' },
  )
  t.is(outcome, 'passed')
})

test('mutations in real time run with those that measure, and one whose protocols bear nobody beside it alone and last', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: needed }\n  - { name: two, expect: [${says(', within: 0s')}] }`,
    'real-time: "{{bears}}"\nvariants:\n  bfd: { bears: 200ms }\n  rip: { bears: 4s }\n  static: { bears: 60m }\nmutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  const scopes = Array.from({ length: 4 }, () => scopesToMutate([{ lab }])).flat()
  const most = new Map<string, number>()
  const begun: string[] = []
  let running = 0
  const { outcome } = await runTest(
    lab,
    { answer: (_, command) => (command.includes('says') ? { stdout: 'no', afterMs: 20 } : undefined) },
    {
      ...{ scopes, jobs: 3, jobsInRealTime: 2 },
      onEvent(event) {
        if (event.type === 'scope-finished') running--
        if (event.type !== 'scope-started') return
        begun.push(event.variant)
        most.set(event.variant, Math.max(most.get(event.variant) ?? 0, ++running))
      },
    },
  )
  t.is(outcome, 'passed')
  t.deepEqual(
    [...most],
    [
      ['static', 3],
      ['rip', 2],
      ['bfd', 1],
    ],
  )
  t.deepEqual(begun.slice(-4), ['bfd', 'bfd', 'bfd', 'bfd'])
})

test('a mutation that could not be judged is tried again', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: needed }\n  - { name: two, expect: [${says(', within: 0s')}] }`,
    'mutations:\n  - { name: left out, without: one, caught-by: [two] }',
  )
  let asked = 0
  const answer = (_machine: string, command: string) => {
    if (!command.includes('says')) return undefined
    return asked++ === 0 ? { exitCode: 127, stderr: 'sh: 1: says: not found' } : { stdout: 'no' }
  }
  const { outcome, events } = await runTest(lab, { answer }, { kind: 'mutate', retries: 1 })
  t.is(outcome, 'passed')
  t.like(summarise(events.map((event) => ({ ...event, at: 0 }) as RunEvent)), {
    outcome: 'passed',
    counts: { passed: 1, error: 0 },
  })
})

test('once a pause keeps a claim from being judged that must catch a mutation, that is left for its other try', async (t) => {
  const steps = ['s', 't', 'u']
    .map((name) => `  - { name: ${name}, id: ${name}, on: a, run: one, expect: [${says(', within: 10ms')}] }`)
    .join('\n')
  const first = async (caughtBy: string) => {
    const untilMs = hostNowMs()
    const { events } = await runTest(
      labWith(steps, `real-time: 300ms\nmutations: [{ name: m, without: s, caught-by: [${caughtBy}] }]`),
      { answer: () => ({ stdout: 'no' }), waits: () => [{ machine: 'b', fromMs: untilMs - 500, untilMs }] },
      { kind: 'mutate', retries: 1 },
    )
    return events.flatMap((one) => (one.type === 'step-started' && one.scope.endsWith('(m)') ? [one.name] : []))
  }
  t.deepEqual(await first('s, t'), ['s'])
  t.deepEqual(await first('t'), ['s', 't'])
})
