import type { PartState } from '../engine.ts'

/** What squeue(1) is to print of each task of an array: the array, the task, its state, its node, and why it waits. */
export const queueFormat = '--format=%F|%K|%T|%N|%r'

const waiting = ['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']
const running = ['RUNNING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'RESIZING', 'STAGE_OUT']

/** What sinfo(1) is to print of each node: its name, and why nothing runs there. */
export const nodesFormat = '--format=%N|%E'

const faults = ['NODE_FAIL', 'BOOT_FAIL', 'CANCELLED', 'FAILED']

/** Whether squeue printed of a job that it failed, perhaps because of its node. */
export const hasFault = (text: string): boolean => faults.some((state) => text.includes(`|${state}|`))

/** The state of each part of the array `id`, of what squeue printed of all jobs, and sinfo of all nodes. */
export function parseQueue(text: string, id: string, nodes = ''): ReadonlyMap<number, PartState> {
  const troubles = new Map(nodes.split('\n').map((line) => [line.split('|')[0], line.split('|')[1]]))
  const rows = text.split('\n').map((line) => line.split('|'))
  return new Map(
    rows
      .filter(([array]) => array === id)
      .map(([, task, state = '', node = '', reason = '']) => [
        Number(task),
        stateOf(state, node, reason, troubles.get(node)),
      ]),
  )
}

/** `trouble` is the node's, as "SlurmdSpoolDir is full"; of what failed there it may be the reason. */
function stateOf(state: string, node: string, reason: string, trouble: string | undefined): PartState {
  if (waiting.includes(state)) return { state: 'waiting', reason }
  if (running.includes(state)) return { state: 'running', node }
  const why = faults.includes(state) && trouble !== undefined && trouble !== 'none' ? `${state}: ${trouble}` : state
  return { state: 'gone', node, reason: why, tooLong: state === 'TIMEOUT' }
}
