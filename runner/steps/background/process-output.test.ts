import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { keepLog } from '../../host/kept-file.ts'
import { roomOf } from '../../host/room.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { labWith, runTest } from '../../testing/test-run.ts'
import { processOutput } from './process-output.ts'

const ticks = (count: number) => Array.from({ length: count }, (_, at) => `tick ${at} of many\n`).join('')

test('what a process printed is whole for who judges it, and bounded for people', (t) => {
  const place = { folder: writeFolder({}), room: roomOf() }
  const log = keepLog(join(place.folder, 'p.log'), place.room, () => t.fail())
  const output = processOutput(log, place, undefined)
  output.receive('stdout', Buffer.from('4711\n'))
  output.receive('stdout', Buffer.from(ticks(100_000)))
  output.receive('stderr', Buffer.from('a word\n'))
  output.note('[it is gone]\n')
  t.deepEqual(output.whole(), { stdout: ticks(100_000), stderr: 'a word\n', cut: false })
  t.is(output.printed().stderr, 'a word\n[it is gone]\n')
  t.true(output.printed().cut)
  t.true(output.printed().stdout.length < 300_000)
  output.close()
})

test('claims on a process count all that it printed', async (t) => {
  const lab = labWith(`  - name: s
    on: a
    start: { id: p, run: talk, ready: over }
    expect:
      - { name: all, printed: { by: p, matches: "^tick", count: 30000, within: 0ms } }
      - { name: few, printed: { by: p, matches: "^tick", at-most: 25000, within: 0ms } }
      - { name: none, printed: { by: p, lacks: "tick 15000 " } }`)
  const { verdicts } = await runTest(lab, {
    answer: (_machine, command) =>
      command.includes('talk') ? { stdout: `4711\n${ticks(30_000)}over\n`, stays: true } : undefined,
  })
  t.deepEqual(Object.values(verdicts), ['passed', 'failed', 'failed'])
})

test('a process that never ends to print is kept as far as there is room, and what is missing decides nothing', async (t) => {
  const lab = labWith(`  - name: s
    on: a
    start: { id: p, run: talk, ready: over }
    expect:
      - { name: begins, printed: { by: p, contains: "tick 1 " } }
      - { name: many, printed: { by: p, matches: "^tick", at-least: 10 } }
      - { name: exactly, printed: { by: p, matches: "^tick", count: 30000, within: 0ms } }
      - { name: none, printed: { by: p, lacks: "tick 29000 " } }
  - { name: ends, stop: p }`)
  const results = writeFolder({})
  const { verdicts, events } = await runTest(
    lab,
    {
      answer: (_machine, command) =>
        command.includes('talk') ? { stdout: `4711\n${ticks(30_000)}over\n`, stays: true } : undefined,
    },
    { roomBytes: 400_000, results },
  )
  t.deepEqual(Object.values(verdicts), ['passed', 'passed', 'error', 'error'])
  const ended = events.find((event) => event.type === 'process-ended')
  const lostBytes = `${ticks(30_000)}over\n`.length - 100_000
  t.like(ended, { lostBytes })
  const log = readFileSync(join(results, ended?.log ?? ''), 'utf8')
  t.is(log, `${ticks(30_000).slice(0, 100_000)}\n[cut: ${lostBytes} bytes more]\n`)
})

test('a machine that prints no end of a first line fills no memory', (t) => {
  const place = { folder: writeFolder({}), room: roomOf() }
  const log = keepLog(join(place.folder, 'p.log'), place.room, () => t.fail())
  const output = processOutput(log, place, undefined)
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < 2000; at++) output.receive('stdout', Buffer.alloc(65_536, 120))
  t.true(process.memoryUsage().heapUsed - before < 50e6)
  t.is(output.session(), undefined)
  output.close()
})
