import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { makeProcessorLock } from './processor-lock.ts'

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

test('what is loud has the host for itself, and what is quiet shares it, in the order in which they came', async (t) => {
  const { shared, exclusively } = makeProcessorLock()
  const { seen, work } = diary()
  const gave = await Promise.all([
    exclusively(work('start', 20)),
    shared(work('stream', 60)),
    shared(work('other stream', 30)),
    exclusively(work('later start', 10)),
    shared(work('late stream', 0)),
  ])
  t.deepEqual(gave, ['start', 'stream', 'other stream', 'later start', 'late stream'])
  t.deepEqual(seen, [
    'start begins',
    'start ends',
    'stream begins',
    'other stream begins',
    'other stream ends',
    'stream ends',
    'later start begins',
    'later start ends',
    'late stream begins',
    'late stream ends',
  ])
})

test('work that fails makes way for the next', async (t) => {
  const { shared, exclusively } = makeProcessorLock()
  const failing = exclusively(() => Promise.reject(new Error('no')))
  const next = shared(async () => 'done')
  await t.throwsAsync(failing, { message: 'no' })
  t.is(await next, 'done')
})
