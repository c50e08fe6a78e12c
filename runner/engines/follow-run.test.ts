import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'ava'
import { machineryError } from '../errors.ts'
import { writeFolder } from '../testing/test-labs.ts'
import type { Batch, Engine, PartState } from './engine.ts'
import { type EngineRun, folderOf, partFolder, readEngineRun, writeEngineRun } from './engine-run.ts'
import { followRun } from './follow-run.ts'

const needs = { processors: 1, memoryMiB: 100, limitMs: 60_000, longer: 1, measuresTime: false }
const newRun: EngineRun = {
  ...{ engine: 'test', settings: {}, tries: 2, scopes: 4, of: 2, script: 'do it\n', needs, submissions: [] },
}

const lineOf = (event: object) => `${JSON.stringify(event)}\n`

/** What a part leaves that comes to its end with this exit code. */
function leaveResults(results: string, part: number, attempt: number, exitCode: number) {
  const folder = partFolder(results, part, attempt)
  mkdirSync(folder, { recursive: true })
  const scopes = [`x/${part}`, `x/${part} #2`].map((scope) => ({ type: 'scope-finished', scope, outcome: 'passed' }))
  const events = [...scopes, { type: 'run-finished', exitCode }]
  writeFileSync(join(folder, 'events.jsonl'), events.map(lineOf).join(''))
}

/** Follows a run on an engine on which each part is gone at once; `does` says what it leaves, and why it went. */
async function follow(
  does: (part: number, attempt: number, results: string) => Partial<PartState> | undefined,
  { run = newRun, isFaulty = false }: { run?: EngineRun; isFaulty?: boolean } = {},
) {
  const results = writeFolder({})
  mkdirSync(folderOf(results))
  writeEngineRun(results, run)
  const batches: Batch[] = []
  const told: string[] = []
  const shown: string[] = []
  const states = new Map<string, ReadonlyMap<number, PartState>>()
  let asked = 0
  const engine: Engine = {
    processors: 1,
    cut: () => run.of,
    async submit(batch) {
      batches.push(batch)
      const { parts, attempt } = batch
      states.set(`${attempt}`, new Map(parts.map((part) => [part, { state: 'gone', ...does(part, attempt, results) }])))
      return `${attempt}`
    },
    async watch(submissions) {
      if (isFaulty && asked++ < 2) throw machineryError('cannot run squeue')
      const running = (parts: readonly number[]) => new Map(parts.map((part) => [part, { state: 'running' } as const]))
      return submissions.map(({ id, parts }) => states.get(id) ?? running(parts))
    },
    async cancel() {},
  }
  const folders = await followRun(run, {
    ...{ engine, results, everyMs: 1, signal: new AbortController().signal },
    show: (status) => shown.push(status),
    tell: (line) => told.push(line),
  })
  return { folders: folders.map((folder) => basename(folder)), batches, told, shown, results }
}

test('parts are handed over at once, and their whole results are what the run comes to', async (t) => {
  const { folders, batches, told, shown } = await follow((part, attempt, results) => {
    leaveResults(results, part, attempt, part === 1 ? 1 : 0)
    return undefined
  })
  t.deepEqual(folders, ['1.1', '2.1'])
  t.deepEqual(
    batches.map(({ parts, script }) => [parts, script]),
    [[[1, 2], 'attempt=1\ndo it\n']],
  )
  t.deepEqual(told, [])
  t.is(shown.at(-1), '4 of 4 done, 0 to come; 2 of 2 parts done, 0 running, 0 waiting')
})

test('a part that is lost is handed over again, which is told, with twice the time if it had too little', async (t) => {
  const { folders, batches, told, results } = await follow((part, attempt, folder) => {
    if (part === 1 || attempt === 2) leaveResults(folder, part, attempt, 0)
    else return { node: 'n1', reason: 'TIMEOUT', tooLong: true }
    return undefined
  })
  t.deepEqual(folders, ['1.1', '2.2'])
  t.deepEqual(
    batches.map(({ parts, needs }) => [parts, needs.longer]),
    [
      [[1, 2], 1],
      [[2], 2],
    ],
  )
  t.deepEqual(told, ['part 2/2 was lost on n1 (TIMEOUT), try 1 of 2: it is handed over again'])
  t.deepEqual(
    readEngineRun(results).submissions.map(({ id, parts }) => [id, parts]),
    [
      ['1', [1, 2]],
      ['2', [2]],
    ],
  )
})

test('a part that a signal ended has not come to its end, and one is given up after its tries', async (t) => {
  const { folders, told } = await follow((part, attempt, results) => {
    leaveResults(results, part, attempt, part === 1 ? 0 : 143)
    return { reason: 'PREEMPTED' }
  })
  t.deepEqual(folders, ['1.1'])
  t.deepEqual(told, [
    'part 2/2 was lost (PREEMPTED), try 1 of 2: it is handed over again',
    'part 2/2 was lost (PREEMPTED), try 2 of 2: what it printed is in engine/',
  ])
})

test('who goes on to follow a run hands over only what nobody knows to be handed over', async (t) => {
  const submissions = [
    { attempt: 1, parts: [1], id: 'still running' },
    { attempt: 2, parts: [2] },
  ]
  const { folders, batches } = await follow(
    (part, attempt, results) => {
      leaveResults(results, part, attempt, 0)
      leaveResults(results, 1, 1, 0)
      return undefined
    },
    { run: { ...newRun, submissions } },
  )
  t.deepEqual(folders, ['1.1', '2.3'])
  t.deepEqual(
    batches.map(({ parts }) => parts),
    [[2]],
  )
})

test('an engine that does not answer loses no part', async (t) => {
  const leave = (part: number, attempt: number, results: string) => {
    leaveResults(results, part, attempt, 0)
    return undefined
  }
  const { folders, batches, told } = await follow(leave, { isFaulty: true })
  t.deepEqual([folders.length, batches.length], [2, 1])
  t.deepEqual(told, ["the parts can't be watched just now: cannot run squeue"])
})

test('what no engine does can not be followed', (t) => {
  t.throws(() => readEngineRun(writeFolder({})), { message: /no engine does that run/ })
  t.throws(() => readEngineRun(writeFolder({ 'engine/run.json': '{}' })), { message: /its record can't be read/ })
})
