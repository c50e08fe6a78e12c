import test from 'ava'
import { parseQueue } from './queue.ts'

test('the parts of one array are read of all jobs of the user', (t) => {
  const printed = [
    '7|1|RUNNING|n1|None',
    '7|2|PENDING||Resources',
    '7|3|TIMEOUT|n2|TimeLimit',
    '8|1|RUNNING|n2|None',
    '9|N/A|RUNNING|n1|None',
    '',
  ]
  t.deepEqual(
    [...parseQueue(printed.join('\n'), '7')],
    [
      [1, { state: 'running', node: 'n1' }],
      [2, { state: 'waiting', reason: 'Resources' }],
      [3, { state: 'gone', node: 'n2', reason: 'TIMEOUT', tooLong: true }],
    ],
  )
})

for (const state of ['NODE_FAIL', 'PREEMPTED', 'FAILED', 'COMPLETED', 'CANCELLED', 'OUT_OF_MEMORY', 'BOOT_FAIL'])
  test(`nothing does a part any more whose state is ${state}`, (t) => {
    t.deepEqual(parseQueue(`7|1|${state}|n1|None`, '7').get(1), {
      ...{ state: 'gone', node: 'n1', reason: state, tooLong: false },
    })
  })
