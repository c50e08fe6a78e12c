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
  const { shared, exclusively } = makeProcessorLock()
  const { seen, work } = diary()
  const gave = await Promise.all([
    exclusively(work('start', 20), signal),
    shared(work('stream', 60), signal),
    shared(work('other stream', 30), signal),
    exclusively(work('later start', 10), signal),
    shared(work('late stream', 0), signal),
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

test('work that fails makes way for the next', async (t) => {
  const { shared, exclusively } = makeProcessorLock()
  const failing = exclusively(() => Promise.reject(new Error('no')), signal)
  const next = shared(async () => 'done', signal)
  await t.throwsAsync(failing, { message: 'no' })
  t.is(await next, 'done')
})

test('an abort ends the wait for a turn, and makes way for those behind it', async (t) => {
  const { shared, exclusively } = makeProcessorLock()
  const { seen, work } = diary()
  const abort = new AbortController()
  const measuring = shared(work('stream', 100), signal)
  const loud = exclusively(work('start', 0), abort.signal)
  const quiet = shared(work('other stream', 0), signal)
  abort.abort(new Error('interrupted'))
  await t.throwsAsync(loud, { message: 'interrupted' })
  await Promise.all([measuring, quiet])
  t.deepEqual(seen, ['stream begins', 'other stream begins', 'other stream ends', 'stream ends'])
  await t.throwsAsync(exclusively(work('late', 0), abort.signal), { message: 'interrupted' })
})
