import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { labWith, runTest } from '../testing/test-run.ts'
import { machineClock } from './machine-clock.ts'

/** A host that lets its machines run for only this share of the time, from now on. */
function busyHost(share: number) {
  const startedMs = performance.now()
  return { stalledMs: () => (1 - share) * (performance.now() - startedMs) }
}

test('what the host held up is no time of the machines', async (t) => {
  const clock = machineClock({ watchProcessorWaits: () => ({ ...busyHost(0.5), waits: () => [], end: () => [] }) })
  const [fromMs, hostFromMs] = [clock.nowMs(), performance.now()]
  await sleep(300)
  const [ranMs, passedMs] = [clock.nowMs() - fromMs, performance.now() - hostFromMs]
  t.true(Math.abs(ranMs - passedMs / 2) < 2, `${ranMs} of ${passedMs}`)
})

test('where machines never get their turn, time goes on all the same, but slowly', async (t) => {
  const clock = machineClock({
    watchProcessorWaits: () => ({
      ...busyHost(-1),
      stalledMs: () => 1e9 * performance.now(),
      waits: () => [],
      end: () => [],
    }),
  })
  const [fromMs, hostFromMs] = [clock.nowMs(), performance.now()]
  await sleep(200)
  const [ranMs, passedMs] = [clock.nowMs() - fromMs, performance.now() - hostFromMs]
  t.true(Math.abs(ranMs - passedMs / 5) < 2, `${ranMs} of ${passedMs}`)
})

/** Answers "yes" when so much of the host's time has passed since the first question. */
function yesAfter(delayMs: number) {
  let askedMs: number | undefined
  return (_machine: string, command: string) => {
    if (!command.includes('says')) return undefined
    askedMs ??= performance.now()
    return { stdout: performance.now() - askedMs >= delayMs ? 'yes' : 'no' }
  }
}

test('an expectation has its time in the time of the machines', async (t) => {
  const lab = labWith('  - { name: s, expect: [{ output: { on: a, command: says, equals: "yes", within: 500ms } }] }')
  t.is((await runTest(lab, { answer: yesAfter(1000) })).outcome, 'failed')
  t.is((await runTest(lab, { answer: yesAfter(1000), ...busyHost(0.3) })).outcome, 'passed')
})

test('commands and processes have their time in the time of the machines', async (t) => {
  const commands = labWith('  - { name: s, on: a, run: slow, timeout: 300ms }')
  const answer = () => ({ afterMs: 600 })
  t.is((await runTest(commands, { answer })).outcome, 'error')
  t.is((await runTest(commands, { answer, ...busyHost(0.3) })).outcome, 'passed')
  const process = labWith('  - { name: s, on: a, start: { id: web, run: serve, ready: listening, within: 300ms } }')
  const serving = () => ({ stdout: '77\nlistening\n', stays: true, afterMs: 600 })
  t.is((await runTest(process, { answer: serving })).outcome, 'error')
  t.is((await runTest(process, { answer: serving, ...busyHost(0.3) })).outcome, 'passed')
})
