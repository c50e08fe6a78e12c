import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { oneAtATime } from './one-at-a-time.ts'

test('pieces of work follow one another in the order in which they came, and each gives what it gives', async (t) => {
  const turn = oneAtATime()
  const seen: string[] = []
  const work = (name: string, durationMs: number) => async () => {
    seen.push(`${name} begins`)
    await sleep(durationMs)
    seen.push(`${name} ends`)
    return name
  }
  t.deepEqual(await Promise.all([turn(work('first', 30)), turn(work('second', 0)), turn(work('third', 5))]), [
    'first',
    'second',
    'third',
  ])
  t.deepEqual(
    seen,
    ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  )
})

test('work that fails makes way for the next', async (t) => {
  const turn = oneAtATime()
  const failing = turn(() => Promise.reject(new Error('no')))
  const next = turn(async () => 'done')
  await t.throwsAsync(failing, { message: 'no' })
  t.is(await next, 'done')
})
