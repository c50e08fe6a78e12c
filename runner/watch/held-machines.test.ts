import test from 'ava'
import type { NewEvent } from '../events.ts'
import type { Lab } from '../lab/lab.ts'
import { type FakeProvider, fakeProvider } from '../providers/fake/fake-provider.ts'
import type { Testbed } from '../providers/provider.ts'
import { runScopes } from '../run.ts'
import { scopesToRun } from '../scopes.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { labWith } from '../testing/test-run.ts'
import { type HeldMachines, holdMachines } from './held-machines.ts'

const one = '  - { name: one, on: a, run: first }\n'
const three = '  - { name: three, on: b, run: third }\n'

async function run(lab: Lab, provider: FakeProvider, held: HeldMachines, signal = new AbortController().signal) {
  const events: NewEvent[] = []
  const options = { provider, results: writeFolder({}), jobs: 1, retries: 0, keep: false, signal, held }
  const outcome = await runScopes(scopesToRun([{ lab }], 1), { ...options, emit: (event) => void events.push(event) })
  return { outcome, events }
}

const isDone = (calls: readonly string[], script: string) => calls.filter((call) => call.includes(script)).length

test('a run goes on in the machines of the one before, and does no step twice', async (t) => {
  const [provider, held] = [fakeProvider(), holdMachines()]
  await run(labWith(one), provider, held)
  t.is(held.before?.done, 1)
  held.goOnAt({ from: 1, claimsOnly: false })
  const { events } = await run(labWith(one + three), provider, held)
  const outcomes = events.flatMap((event) => (event.type === 'step-finished' ? [event.outcome] : []))
  t.deepEqual(outcomes.slice(0, 2), ['skipped', 'passed'])
  t.is(held.before?.done, 2)
  t.deepEqual([isDone(provider.calls, 'first'), isDone(provider.calls, 'third')], [1, 1])
  t.deepEqual([isDone(provider.calls, 'up a b'), isDone(provider.calls, 'tear down')], [1, 0])
  await held.end()
  await held.end()
  t.is(isDone(provider.calls, 'tear down'), 1)
})

test('a run halts at the step of which a claim fails, and its claims alone can be judged again', async (t) => {
  const [provider, held] = [fakeProvider(), holdMachines()]
  const failing = `  - { name: two, on: a, run: second, expect: [{ output: { on: a, command: look, equals: x, within: 50ms } }] }\n`
  await run(labWith(one + failing + three), provider, held)
  t.deepEqual([held.before?.done, held.before?.halted], [2, true])
  t.is(isDone(provider.calls, 'third'), 0)
  const mended = failing.replace('equals: x', 'equals: ""')
  held.goOnAt({ from: 1, claimsOnly: true })
  const { events } = await run(labWith(one + mended + three), provider, held)
  t.true(events.some((event) => event.type === 'case-finished' && event.outcome === 'passed'))
  t.deepEqual([isDone(provider.calls, 'second'), isDone(provider.calls, 'third')], [1, 1])
  t.deepEqual([held.before?.done, held.before?.halted], [3, false])
  await held.end()
})

test('machines in which a step went wrong, or a run was ended, are gone', async (t) => {
  const answer = (_: string, command: string) => (command.includes('first') ? { exitCode: 1 } : undefined)
  const [provider, held] = [fakeProvider({ answer }), holdMachines()]
  await run(labWith(one), provider, held)
  t.is(held.before, undefined)
  t.is(isDone(provider.calls, 'tear down'), 1)

  const ending = new AbortController()
  const answerNever = () => {
    ending.abort(new Error('saved'))
    return { stays: true }
  }
  const stays = fakeProvider({ answer: answerNever })
  await t.throwsAsync(run(labWith(one), stays, held, ending.signal), { message: 'saved' })
  t.is(held.before, undefined)
  t.is(isDone(stays.calls, 'tear down'), 1)
})

test('a machine that dies while nobody runs anything is known to be dead', async (t) => {
  const fake = fakeProvider({ answer: (_, command) => (command === 'die' ? { dies: 'it was shot' } : undefined) })
  const testbeds: Testbed[] = []
  const bringUp: FakeProvider['bringUp'] = async (...asked) => {
    const testbed = await fake.bringUp(...asked)
    testbeds.push(testbed)
    return testbed
  }
  const held = holdMachines()
  await run(labWith(one), { ...fake, bringUp }, held)
  t.deepEqual(held.dead(), [])
  await testbeds[0]
    ?.machine('a')
    .run(['die'], { timeoutMs: 1000 })
    .catch(() => {})
  t.deepEqual(held.dead(), ['a'])
  await held.end()
})
