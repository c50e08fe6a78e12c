import { join } from 'node:path'
import test from 'ava'
import type { FakeAnswer } from '../../providers/fake/fake-provider.ts'
import type { Machine } from '../../providers/provider.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { labWith, runTest } from '../../testing/test-run.ts'
import { nodesOf } from '../nodes.ts'
import { startCapture } from './captures.ts'

const onNic = labWith(`  - name: s
    capture: { c: { nic: "a:eth1" } }
    expect: [{ frames: { in: c, filter: arp, count: 0 } }]`)
const listening = { stderr: 'tcpdump: listening on eth1', stays: true }
const never = { afterMs: 100_000 }

/** How long a run of the lab takes to end when it is aborted as soon as a command begins. */
async function endsAfter(command: RegExp, answer: (command: string) => FakeAnswer | undefined): Promise<number> {
  const abort = new AbortController()
  let abortedMs = Number.NaN
  const interrupt = () => {
    abortedMs = performance.now()
    abort.abort(new Error('interrupted'))
  }
  const run = runTest(
    onNic,
    {
      answer(_machine, asked) {
        if (command.test(asked)) setTimeout(interrupt, 20)
        return answer(asked)
      },
    },
    { signal: abort.signal },
  )
  await run.catch(() => {})
  return performance.now() - abortedMs
}

test('an abort ends the wait for a capture in a node to begin', async (t) => {
  t.true((await endsAfter(/tcpdump -i/, () => ({ stays: true }))) < 2000)
})

test('an abort ends the look into a capture that runs', async (t) => {
  const answer = (command: string) => (command.includes('tcpdump -i') ? listening : never)
  t.true((await endsAfter(/tcpdump .* -r/, answer)) < 2000)
})

test('an abort ends the fetching of a capture', async (t) => {
  const answer = (command: string) =>
    command.startsWith('cat') ? never : command.includes('tcpdump -i') ? listening : { stdout: '' }
  t.true((await endsAfter(/^cat/, answer)) < 2000)
})

test('an abort ends the wait for tcpdump to end, and for a cable that says nothing', async (t) => {
  const abort = new AbortController()
  const machine: Machine = {
    name: 'a',
    run: () => new Promise(() => {}),
    start(_argv, { onOutput }) {
      setTimeout(() => onOutput?.('stderr', Buffer.from('listening on eth1')))
      return { ended: new Promise(() => {}), signal() {}, endInput() {} }
    },
    interact: async () => 0,
  }
  const testbed = { captureCable: () => new Promise<never>(() => {}), machine: () => machine }
  const nodes = nodesOf({ nodes: [{ name: 'a' }] }, testbed, abort.signal)
  const file = join(writeFolder({}), 'c.pcap')
  const capture = { name: 'c', node: 'a', nic: 'eth1' }
  const inNode = await startCapture({ ...capture, where: 'nic' }, file, testbed, nodes, abort.signal)
  const waits = [inNode.end(), startCapture({ ...capture, where: 'cable' }, file, testbed, nodes, abort.signal)]
  const startedMs = performance.now()
  setTimeout(() => abort.abort(new Error('interrupted')), 20)
  for (const wait of waits) await t.throwsAsync(wait, { message: 'interrupted' })
  t.true(performance.now() - startedMs < 2000)
})
