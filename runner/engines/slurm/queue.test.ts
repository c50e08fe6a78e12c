import test from 'ava'
import { hasFault, parseQueue } from './queue.ts'

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

test('of a part that failed with its node it is told what the node lacks', (t) => {
  const nodes = 'n1|SlurmdSpoolDir is full\nn2|none\n'
  t.is(parseQueue('7|1|NODE_FAIL|n1|None', '7', nodes).get(1)?.reason, 'NODE_FAIL: SlurmdSpoolDir is full')
  t.is(parseQueue('7|1|NODE_FAIL|n2|None', '7', nodes).get(1)?.reason, 'NODE_FAIL')
  t.is(parseQueue('7|1|CANCELLED|n1|None', '7', nodes).get(1)?.reason, 'CANCELLED: SlurmdSpoolDir is full')
  t.is(parseQueue('7|1|TIMEOUT|n1|None', '7', nodes).get(1)?.reason, 'TIMEOUT')
  t.deepEqual(['7|1|FAILED|n1|None', '7|1|RUNNING|n1|None'].map(hasFault), [true, false])
})
