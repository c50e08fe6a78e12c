import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parseEvents } from '../../reports/run/json-lines.ts'
import type { NewEvent, RunEvent } from '../events.ts'
import { makeResultsFolder, type ResultsFolder } from '../host/results-folder.ts'
import type { Outcome } from '../result.ts'
import { scopesToRun } from '../scopes.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { labWith } from '../testing/test-run.ts'
import { recordIn } from './record-run.ts'

const surroundings = {
  wirelab: '0',
  provider: 'fake',
  accelerator: 'tcg',
  qemu: '7',
  image: 'i',
  kernel: 'k',
  host: 'h',
  node: '24',
}

/** Records a run in which little happens, in a fresh results folder that is changed first. */
async function record(
  outcome: Outcome,
  exitCode: number,
  change: (results: ResultsFolder) => Partial<ResultsFolder>,
  happens: NewEvent = { type: 'progress', message: 'going on' },
) {
  const startedAt = new Date('2026-01-01T00:00:00Z')
  const results = makeResultsFolder(join(writeFolder({}), 'results'), startedAt)
  const scopes = scopesToRun([{ lab: labWith('  - { name: s, on: a, run: x }') }], 1)
  const run = {
    kind: 'run' as const,
    scopes,
    surroundings,
    packages: { bash: '5' },
    built: {},
    moreImages: {},
    options: {},
    startedAt,
    startedMs: 0,
  }
  const [shown, problems]: [RunEvent[], string[]] = [[], []]
  const running = recordIn({ ...results, ...change(results) }, run, {
    watch: () => (event) => shown.push(event),
    tell: (problem) => problems.push(problem),
  })
  running.emit(happens)
  const code = await running.finish(outcome, exitCode)
  const read = (file: string) => readFileSync(join(results.path, file), 'utf8')
  return { code, shown, problems, read, path: results.path }
}

const unchanged = () => ({})

test('a run leaves its events, its manifest and its reports', async (t) => {
  const { code, shown, problems, read } = await record('passed', 0, unchanged)
  t.is(code, 0)
  t.deepEqual(problems, [])
  t.deepEqual(
    shown.map(({ type }) => type),
    ['run-started', 'progress', 'run-finished'],
  )
  t.deepEqual(parseEvents(read('events.jsonl')), shown)
  t.like(JSON.parse(read('manifest.json')), { startedAt: '2026-01-01T00:00:00.000Z', packages: { bash: '5' } })
  t.regex(read('junit.xml'), /<testsuite/)
  t.regex(read('report.html'), /<html/)
})

test('events that cannot be written are shown all the same, and a run that passed is an error', async (t) => {
  const full = openSync('/dev/full', 'a')
  const onFullDisk = () => ({ addEvent: (line: string) => writeFileSync(full, line) })
  const { code, shown, problems, path } = await record('passed', 0, onFullDisk)
  closeSync(full)
  t.is(code, 3)
  t.like(shown.at(-1), { type: 'run-finished', outcome: 'passed', exitCode: 3 })
  t.deepEqual(problems, [`cannot record the run in ${path}/events.jsonl: ENOSPC: no space left on device, write\n`])
})

test('events that turn out to be lost when their file is closed are an error', async (t) => {
  const close = () => {
    throw new Error('EDQUOT: disk quota exceeded')
  }
  const { code, problems } = await record('passed', 0, () => ({ close }))
  t.is(code, 3)
  t.regex(problems.join(''), /^cannot record the run in .*events.jsonl: EDQUOT: disk quota exceeded\n$/)
})

test('a log that could not be written makes an error of a run that passed, and hides no failure', async (t) => {
  const lost: NewEvent = { type: 'record-lost', scope: 'a/default', path: 'a/default/m.console.log', cause: 'ENOSPC' }
  const { code, problems, path } = await record('passed', 0, unchanged, lost)
  t.is(code, 3)
  t.deepEqual(problems, [`cannot record the run in ${path}/a/default/m.console.log: ENOSPC\n`])
  t.is((await record('failed', 1, unchanged, lost)).code, 1)
})

for (const file of ['manifest.json', 'junit.xml', 'report.html'])
  test(`${file} that cannot be written is an error, and the rest is written`, async (t) => {
    const { code, problems, read } = await record('passed', 0, ({ path }) => {
      mkdirSync(join(path, file))
      return {}
    })
    t.is(code, 3)
    t.is(problems.length, 1)
    t.regex(problems[0] ?? '', new RegExp(`^cannot .*${file}: EISDIR.*\n$`))
    for (const other of ['events.jsonl', 'manifest.json', 'junit.xml', 'report.html'])
      if (other !== file) t.not(read(other), '')
  })

test('a record that is not whole hides no failure and no signal', async (t) => {
  const addEvent = () => {
    throw new Error('ENOSPC')
  }
  for (const [outcome, exitCode] of [['failed', 1] as const, ['error', 3] as const, ['error', 130] as const])
    t.is((await record(outcome, exitCode, () => ({ addEvent }))).code, exitCode)
})
