import { join } from 'node:path'
import test from 'ava'
import { keepLog } from '../../host/kept-log.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { labWith, runTest } from '../../testing/test-run.ts'
import { processOutput } from './process-output.ts'

const ticks = (count: number) => Array.from({ length: count }, (_, at) => `tick ${at} of many\n`).join('')

test('what a process printed is whole for who judges it, and bounded for people', (t) => {
  const folder = writeFolder({})
  const output = processOutput(
    folder,
    keepLog(join(folder, 'p.log'), () => t.fail()),
    undefined,
  )
  output.receive('stdout', Buffer.from('4711\n'))
  output.receive('stdout', Buffer.from(ticks(100_000)))
  output.receive('stderr', Buffer.from('a word\n'))
  output.note('[it is gone]\n')
  t.deepEqual(output.whole(), { stdout: ticks(100_000), stderr: 'a word\n[it is gone]\n', cut: false })
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
