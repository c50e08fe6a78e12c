import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { takeTurns } from './host-turns.ts'

const diary = () => {
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
  const { quietly, loudly } = takeTurns()
  const { seen, work } = diary()
  const gave = await Promise.all([
    loudly(work('start', 20)),
    quietly(work('stream', 60)),
    quietly(work('other stream', 30)),
    loudly(work('later start', 10)),
    quietly(work('late stream', 0)),
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
  const { quietly, loudly } = takeTurns()
  const failing = loudly(() => Promise.reject(new Error('no')))
  const next = quietly(async () => 'done')
  await t.throwsAsync(failing, { message: 'no' })
  t.is(await next, 'done')
})
