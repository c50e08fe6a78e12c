import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { makeProcessorLock } from './processor-lock.ts'

const { signal } = new AbortController()

function diary() {
  const seen: string[] = []
  const work = (name: string, durationMs: number) => async () => {
    seen.push(`${name} begins`)
    await sleep(durationMs)
    seen.push(`${name} ends`)
    return name
  }
  return { seen, work }
}

test('what is loud has the host for itself, in the order in which it came, and all that is quiet shares it', async (t) => {
  const { quietly, loudly } = makeProcessorLock()
  const { seen, work } = diary()
  const gave = await Promise.all([
    loudly(work('start', 20), signal),
    quietly(work('stream', 60), signal),
    quietly(work('other stream', 30), signal),
    loudly(work('later start', 10), signal),
    quietly(work('late stream', 0), signal),
  ])
  t.deepEqual(gave, ['start', 'stream', 'other stream', 'later start', 'late stream'])
  t.deepEqual(seen, [
    'start begins',
    'start ends',
    'stream begins',
    'other stream begins',
    'late stream begins',
    'late stream ends',
    'other stream ends',
    'stream ends',
    'later start begins',
    'later start ends',
  ])
})

test('as many are loud at once as have turns, and who waits to measure lets in nobody behind it', async (t) => {
  const { quietly, loudly } = makeProcessorLock(2)
  const { seen, work } = diary()
  await Promise.all([
    loudly(work('one', 20), signal),
    loudly(work('two', 60), signal),
    loudly(work('three', 10), signal),
    quietly(work('stream', 10), signal),
    loudly(work('four', 0), signal),
  ])
  t.deepEqual(seen, [
    'one begins',
    'two begins',
    'one ends',
    'three begins',
    'three ends',
    'two ends',
    'stream begins',
    'stream ends',
    'four begins',
    'four ends',
  ])
})

test('work that fails makes way for the next', async (t) => {
  const { quietly, loudly } = makeProcessorLock()
  const failing = loudly(() => Promise.reject(new Error('no')), signal)
  const next = quietly(async () => 'done', signal)
  await t.throwsAsync(failing, { message: 'no' })
  t.is(await next, 'done')
})

test('an abort ends the wait for a turn, and makes way for those behind it', async (t) => {
  const { quietly, loudly } = makeProcessorLock()
  const { seen, work } = diary()
  const abort = new AbortController()
  const measuring = quietly(work('stream', 100), signal)
  const loud = loudly(work('start', 0), abort.signal)
  const quiet = quietly(work('other stream', 0), signal)
  abort.abort(new Error('interrupted'))
  await t.throwsAsync(loud, { message: 'interrupted' })
  await Promise.all([measuring, quiet])
  t.deepEqual(seen, ['stream begins', 'other stream begins', 'other stream ends', 'stream ends'])
  await t.throwsAsync(loudly(work('late', 0), abort.signal), { message: 'interrupted' })
})
