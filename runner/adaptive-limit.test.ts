import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { makeAdaptiveLimit } from './adaptive-limit.ts'
import { labWith, runTest } from './testing/test-run.ts'

const lab = labWith('  - { name: s, expect: [{ output: { on: a, command: says, equals: "yes", within: 0s } }] }')
const neverTold = (_machine: string, command: string) =>
  command.includes('says') ? { exitCode: 127, stderr: 'sh: 1: says: not found', afterMs: 20 } : undefined

/** A limit, and ends of those that have begun, the oldest first. */
function someOf(most: number) {
  const limits: number[] = []
  const limit = makeAdaptiveLimit(most, (to) => limits.push(to))
  const ends: ((isTold?: boolean) => void)[] = []
  return {
    limits,
    ends,
    /** As many as there is work for, each told as it is given. */
    async begin(count: number) {
      for (let n = 0; n < count; n++) void limit.begin().then((end) => ends.push(end))
      await turn()
    },
    async end(...told: readonly (boolean | undefined)[]) {
      for (const isTold of told) ends.shift()?.(isTold)
      await turn()
    },
  }
}

test('no more run at once than are allowed, and the next begins when one ends', async (t) => {
  const { begin, end, ends, limits } = someOf(3)
  await begin(5)
  t.is(ends.length, 3)
  await end(true)
  t.is(ends.length, 3)
  await end(undefined, true)
  t.is(ends.length, 2)
  t.deepEqual(limits, [])
})

test('one that could not be told halves it, and those that had begun beside it do not once more', async (t) => {
  const { begin, end, ends, limits } = someOf(8)
  await begin(20)
  await end(false, false, false, true)
  t.deepEqual(limits, [4])
  t.is(ends.length, 4)
  await end(true, false, true, false)
  t.deepEqual(limits, [4])
  await end(false)
  t.deepEqual(limits, [4, 2])
})

test('one at a time is the least, and each eight in a row that are told allow one more', async (t) => {
  const { begin, end, ends, limits } = someOf(2)
  await begin(40)
  await end(false, false)
  for (let n = 0; n < 7; n++) await end(true)
  await end(false)
  for (let n = 0; n < 7; n++) await end(true)
  t.deepEqual(limits, [1])
  t.is(ends.length, 1)
  await end(true)
  t.deepEqual(limits, [1, 2])
  t.is(ends.length, 2)
  for (let n = 0; n < 9; n++) await end(true, true)
  t.deepEqual(limits, [1, 2])
})

test('one more that was one too many is tried again after twice as many, until one holds', async (t) => {
  const { begin, end, limits } = someOf(3)
  await begin(100)
  const tell = async (count: number) => {
    for (let n = 0; n < count; n++) await end(true)
  }
  await end(false, true, true)
  await end(false, true)
  await tell(8)
  await end(false, true)
  t.deepEqual(limits, [2, 1, 2, 1])
  await tell(15)
  t.deepEqual(limits, [2, 1, 2, 1])
  await tell(1)
  t.deepEqual(limits, [2, 1, 2, 1, 2])
  await tell(17)
  t.deepEqual(limits, [2, 1, 2, 1, 2, 3])
  await end(false, true, true)
  t.deepEqual(limits, [2, 1, 2, 1, 2, 3, 2])
  await tell(17)
  t.deepEqual(limits, [2, 1, 2, 1, 2, 3, 2, 3])
})

test('after a scope that could not be told fewer run side by side, which is said', async (t) => {
  const running: number[] = []
  let now = 0
  const { events } = await runTest(
    lab,
    { answer: neverTold },
    {
      ...{ jobs: 3, repeat: 8 },
      onEvent({ type }) {
        if (type === 'scope-started') running.push(++now)
        if (type === 'scope-finished') now--
      },
    },
  )
  t.deepEqual(running, [1, 2, 3, 2, 2, 1, 1, 1])
  t.deepEqual(
    events.flatMap((event) =>
      event.type === 'progress' && /at (once|a time)/.test(event.message) ? event.message : [],
    ),
    ['not all could be told: 2 at once from here on', 'not all could be told: one at a time from here on'],
  )
})

test('of how many run at once nothing is said when none is left to begin', async (t) => {
  const { events } = await runTest(lab, { answer: neverTold }, { jobs: 3, repeat: 2 })
  t.deepEqual(
    events.filter(({ type }) => type === 'progress'),
    [],
  )
})

test('an interrupt ends those that wait for their turn, too', async (t) => {
  const controller = new AbortController()
  let ended = 0
  let begun = 0
  const run = runTest(
    lab,
    { answer: neverTold },
    {
      ...{ jobs: 4, repeat: 20, signal: controller.signal },
      onEvent({ type }) {
        if (type === 'scope-started') begun++
        if (type === 'scope-finished' && ++ended === 3) controller.abort(new Error('ended by SIGINT'))
      },
    },
  )
  await t.throwsAsync(run, { message: 'ended by SIGINT' })
  t.is(begun, 4)
})
