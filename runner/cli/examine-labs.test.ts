import test from 'ava'
import { examineLabs } from './examine-labs.ts'
import { loadLabs } from './load-labs.ts'

const examine = (name: string, memoryMiB: number) =>
  Array.fromAsync(
    examineLabs(
      loadLabs([name], { all: false, colour: false }),
      { memoryMiB: ({ machines }) => memoryMiB * machines.length },
      AbortSignal.timeout(10_000),
    ),
  )

test('a lab that measures no time is judged by its machines and their memory alone', async (t) => {
  const [room, ...more] = await examine('bridge-veth', 1)
  t.is(room?.sign, '✓')
  t.regex(room?.text ?? '', /^bridge-veth: 1 machine, up to 1 MiB of memory; \d+ MiB are free$/)
  t.deepEqual(more, [])
})

test('a lab whose machines need more memory than is free cannot run, and what mends it is said', async (t) => {
  const [room] = await examine('bridge-veth', 1e9)
  t.like(room, { sign: '✗', remedy: 'End other programs, or use a host that has more memory.' })
})

test('of a lab that measures time it is said how long a process waited, and which pauses the lab bears', async (t) => {
  const [, time] = await examine('bird-bgp-failover/bfd', 1)
  t.not(time?.sign, '✗')
  t.regex(time?.text ?? '', /measures time: a process waited \d+ ms at most .* bears pauses of \d+ ms/)
})
