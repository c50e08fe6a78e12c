import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { everyReport } from '../../../reports/fixtures/every-report.ts'
import type { RunEvent } from '../../events.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { labWith, runTest } from '../../testing/test-run.ts'

const lab = labWith(`  - name: s
    on: a
    run: make
    fetch: { table: /run/my table.txt, other: /x }
    expect: [ { output: { on: a, command: see, exit-code: 0 } } ]`)

const fetched = (events: readonly { type: string }[]) => events.filter(({ type }) => type === 'file-fetched')

test('files of a node are kept in the results and named by the event', async (t) => {
  const results = writeFolder({})
  const { outcome, events, provider } = await runTest(
    lab,
    { answer: (_, command) => (command.startsWith('head') ? { stdout: `of ${command.split(' ').at(-1)}` } : {}) },
    { results },
  )
  t.is(outcome, 'passed')
  t.deepEqual(
    provider.calls.filter((call) => /make|head|see/.test(call)).map((call) => call.replace(/-c \d+/, '-c N')),
    ['a$ make', 'a$ head -c N -- /run/my table.txt', 'a$ head -c N -- /x', 'a$ see'],
  )
  t.like(fetched(events), [
    { step: 0, node: 'a', from: '/run/my table.txt', bytes: 12, path: `${lab.name}/default/step-01-table.fetched.txt` },
    { step: 0, node: 'a', from: '/x', bytes: 5, path: `${lab.name}/default/step-01-other.fetched` },
  ])
  t.is(readFileSync(join(results, `${lab.name}/default/step-01-other.fetched`), 'utf8'), 'of /x')
})

test('a file that is not there breaks its step, which says so', async (t) => {
  const { outcome, events } = await runTest(lab, {
    answer: (_, command) =>
      command.startsWith('head') ? { exitCode: 1, stderr: "head: cannot open '/x' for reading: No such file" } : {},
  })
  t.is(outcome, 'error')
  const [message] = events.flatMap((event) => (event.type === 'step-finished' && event.message ? [event.message] : []))
  t.regex(message ?? '', /cannot fetch \/run\/my table\.txt from a: head: cannot open/)
})

test('no more is fetched than there is room for, and that is said', async (t) => {
  const { events } = await runTest(
    lab,
    { answer: (_, command) => (command.startsWith('head') ? { stdout: 'x'.repeat(100) } : {}) },
    { roomBytes: 40 },
  )
  t.like(fetched(events), [
    { bytes: 10, cut: true },
    { bytes: 10, cut: true },
  ])
})

test('reports link to what was fetched, and junit.xml attaches it', async (t) => {
  const { events } = await runTest(lab, { answer: () => ({ stdout: 'x' }) })
  const drawn = await everyReport(events.map((event): RunEvent => ({ ...event, at: 1 })))
  const path = `${lab.name}/default/step-01-table.fetched.txt`
  t.true(drawn.get('junit.xml')?.includes(`[[ATTACHMENT|${path}]]`))
  t.true(drawn.get('report.html')?.includes('step-01-table.fetched.txt" download>'))
  t.regex(drawn.get('terminal') ?? '', /kept a:\/run\/my table\.txt, 1 byte:/)
})
