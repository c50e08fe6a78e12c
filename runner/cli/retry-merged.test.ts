import test from 'ava'
import { inconclusiveScopes } from '../../reports/run/inconclusive-scopes.ts'
import { summarise } from '../../reports/run/summary.ts'
import type { NewEvent, RunEvent } from '../events.ts'
import type { Lab } from '../lab/lab.ts'
import { mutantsOf, scopesToTry } from '../mutant-scopes.ts'
import { scopesToRun } from '../scopes.ts'
import { labWith, runTest, type TestRunOptions } from '../testing/test-run.ts'
import { tryAgain } from './retry-merged.ts'

const asks = '  - { name: s, expect: [{ output: { on: a, command: says, equals: "yes", within: 0s } }] }'
const [yes, no] = [{ stdout: 'yes' }, { stdout: 'no' }]
const untold = { exitCode: 127, stderr: 'sh: 1: says: not found' }
const stamped = (events: readonly NewEvent[]) => events.map((event) => ({ ...event, at: 0 }) as RunEvent)

interface Night extends TestRunOptions {
  /** What the machines answer, one after another. */
  readonly answers: readonly object[]
  readonly tries: number
}

/** Runs scopes of a lab, and then tries again what is inconclusive. */
async function runNight(lab: Lab, { answers, tries, ...options }: Night) {
  const { scopes = scopesToRun([{ lab }], 1) } = options
  let asked = 0
  const script = { answer: (_: string, command: string) => (command.includes('says') ? answers[asked++] : undefined) }
  const run = async (more: TestRunOptions) => stamped((await runTest(lab, script, more)).events)
  const events = await run({ ...options, scopes })
  const before = inconclusiveScopes(summarise(events)).length
  let tried = 0
  await tryAgain([...events], {
    scopes: scopes.flatMap((one) => [one, ...(one.otherwise ?? [])]),
    retries: tries,
    doScope(scope) {
      tried++
      return run({ scopes: [scope] })
    },
    add: (more) => events.push(...more),
  })
  return { ...summarise(events), before, tried }
}

test('what is inconclusive is tried again, and both tries are in the report', async (t) => {
  const { scopes, retries, counts, tried } = await runNight(labWith(asks), { answers: [untold, yes], tries: 1 })
  t.is(tried, 1)
  t.deepEqual([scopes.length, retries.length, scopes[0]?.outcome], [1, 1, 'passed'])
  t.is(counts.error, 0)
  t.is(scopes[0]?.cases[0]?.otherTries?.[0]?.outcome, 'error')
})

test('a try that the run itself made has its name, and the next ones have others', async (t) => {
  const answers = [untold, untold, untold, yes]
  const { retries, counts } = await runNight(labWith(asks), { answers, tries: 3, retries: 1 })
  t.deepEqual(
    retries.map(({ scope }) => scope.replace(/^.*, /, '')),
    ['try 2', 'try 3', 'try 4'],
  )
  t.is(counts.error, 0)
})

test('it is tried as often as asked, what failed or broke is not tried, and what fails then has failed', async (t) => {
  const of = (...answers: readonly object[]) => runNight(labWith(asks), { answers, tries: 2 })
  t.like(await of(untold, untold, untold, yes), { tried: 2, counts: { error: 1 } })
  t.like(await of(no, yes), { tried: 0, counts: { failed: 1 } })
  t.like(await of(untold, no, yes), { tried: 1, counts: { failed: 1 } })
  const broken = labWith('  - { name: s, on: a, run: says }')
  t.like(await runNight(broken, { answers: [{ exitCode: 1 }], tries: 1 }), { tried: 0, outcome: 'error' })
})

test('a mutant is tried again in the variants that could not tell, until one catches it', async (t) => {
  const lab = labWith(
    `  - { name: one, id: one, on: a, run: "ip link set eth1 mtu 140{{it}}" }\n${asks}`,
    'variants:\n  x: { it: "1" }\n  y: { it: "2" }',
  )
  const scopes = scopesToTry(mutantsOf([{ lab }])).slice(0, 1)
  const of = (...answers: readonly object[]) => runNight(lab, { answers, tries: 1, scopes })
  const state = async (night: ReturnType<typeof of>) => {
    const { before, tried, scopes: all } = await night
    return [before, tried, all[0]?.mutant?.state]
  }
  t.deepEqual(await state(of(untold, untold, no)), [2, 1, 'caught'])
  t.deepEqual(await state(of(yes, untold, yes)), [1, 1, 'survived'])
  t.deepEqual(await state(of(yes, untold, untold)), [1, 1, 'unknown'])
})
