import test from 'ava'
import { machineryError } from '../errors.ts'
import { labOf } from '../testing/test-labs.ts'
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

test('images that a lab names and are not there are told, and what one lacks that is there', async (t) => {
  const lab = labOf(`
title: t
summary: s
requires: { kernel: ">=6.12" }
nodes: { a: {}, b: { image: debian-12-frr }, c: { image: debian-13 } }
steps: [{ name: n, on: a, run: "true" }]
`)
  const absent = { code: 'image-unusable', detail: { image: 'debian-13', damaged: [] } } as const
  const [, ...images] = await Array.fromAsync(
    examineLabs([{ lab }], { memoryMiB: () => 1 }, AbortSignal.timeout(10_000), async (image) => {
      if (image === 'debian-13') throw machineryError('it is not built', undefined, undefined, absent)
      return { manifest: { kernel: { release: '6.1.0-42', modules: [] }, commands: [] } }
    }),
  )
  t.deepEqual(
    images.map(({ sign, text }) => [sign, text.replace(/^.*: image /, '')]),
    [
      ['-', 'debian-12 does not do for all of it, which is skipped: its kernel is 6.1.0-42, not >=6.12'],
      ['-', 'debian-12-frr does not do for all of it, which is skipped: its kernel is 6.1.0-42, not >=6.12'],
      ['-', 'debian-13 is not there; the first run builds it, or says what to do for that'],
    ],
  )
})
