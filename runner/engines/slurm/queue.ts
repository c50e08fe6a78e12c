import type { PartState } from '../engine.ts'

/** What squeue(1) is to print of each task of an array: the array, the task, its state, its node, and why it waits. */
export const queueFormat = '--format=%F|%K|%T|%N|%r'

const waiting = ['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']
const running = ['RUNNING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'RESIZING', 'STAGE_OUT']

/** The state of each part of the array `id`, of what squeue printed of all jobs. */
export function parseQueue(text: string, id: string): ReadonlyMap<number, PartState> {
  const rows = text.split('\n').map((line) => line.split('|'))
  return new Map(
    rows
      .filter(([array]) => array === id)
      .map(([, task, state = '', node = '', reason = '']) => [Number(task), stateOf(state, node, reason)]),
  )
}

function stateOf(state: string, node: string, reason: string): PartState {
  if (waiting.includes(state)) return { state: 'waiting', reason }
  if (running.includes(state)) return { state: 'running', node }
  return { state: 'gone', node, reason: state, tooLong: state === 'TIMEOUT' }
}
