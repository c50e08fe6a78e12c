import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { waitedOf, watchProcessorWaits } from './processor-waits.ts'

/** A process that is busy, on the first processor alone. */
const busy = () => spawn('taskset', ['--cpu-list', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' })

test('a process that shares its processor waits, and the spans of its waits are about as long as the kernel counts', async (t) => {
  const children = [busy(), busy(), busy()]
  try {
    const pid = children[0]?.pid ?? 0
    await sleep(200)
    const countedFrom = waitedOf(`/proc/${pid}/schedstat`) ?? 0
    const watch = watchProcessorWaits(() => new Map([[pid, 'm']]))
    await sleep(1500)
    const waits = watch.end()
    const countedMs = (waitedOf(`/proc/${pid}/schedstat`) ?? 0) - countedFrom
    const toldMs = waits.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0)
    t.true(countedMs > 300, `${countedMs}`)
    t.true(toldMs > countedMs / 2 && toldMs < countedMs * 1.1 + 50, `told ${toldMs} of ${countedMs}`)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
})

test('a process that has ended waits for nothing', (t) => {
  t.deepEqual(watchProcessorWaits(() => new Map([[2 ** 22 - 1, 'm']])).end(), [])
})
