import test from 'ava'
import { makeMemoryGate } from './memory-gate.ts'

const never = new AbortController().signal

test('what fits is let in at once, and what can never fit is refused with the numbers', async (t) => {
  const gate = makeMemoryGate(() => 500)
  const share = await gate('2 machines', 400, never)
  share.end()
  await t.throwsAsync(gate('8 machines', 900, never), {
    message: 'cannot start 8 machines: 900 MiB of memory are needed, and 500 MiB are free',
  })
})

test('what does not fit waits until others have ended', async (t) => {
  let free = 500
  const gate = makeMemoryGate(() => free)
  const first = await gate('a', 400, never)
  const order: string[] = []
  const second = gate('b', 300, never).then((share) => {
    order.push('b is in')
    return share
  })
  first.started()
  free = 100
  await new Promise(setImmediate)
  order.push('a ends')
  free = 500
  first.end()
  await second
  t.deepEqual(order, ['a ends', 'b is in'])
})

test('memory that is promised to machines that start is not given twice', async (t) => {
  const gate = makeMemoryGate(() => 500)
  await gate('a', 300, never)
  const controller = new AbortController()
  const second = gate('b', 300, controller.signal)
  controller.abort(new Error('ended by SIGINT'))
  await t.throwsAsync(second, { message: 'ended by SIGINT' })
})
