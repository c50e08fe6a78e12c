import test from 'ava'
import { forgetFailure } from './forget-failure.ts'

test('a task is done once for all who ask, and anew after it failed', async (t) => {
  let times = 0
  const task = forgetFailure(async () => {
    times++
    if (times === 1) throw new Error('a hiccup')
    return times
  })
  const first = await Promise.allSettled([task(), task()])
  t.deepEqual(
    first.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.is(times, 1)
  t.deepEqual(await Promise.all([task(), task()]), [2, 2])
  t.is(await task(), 2)
})
