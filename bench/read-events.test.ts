import test from 'ava'
import { readEvents, type TimedEvent, timesOf } from './read-events.ts'

const run: readonly TimedEvent[] = [
  { type: 'run-started', at: 0 },
  { type: 'scope-started', at: 100 },
  { type: 'machine-ready', at: 900 },
  { type: 'machine-ready', at: 1100 },
  { type: 'command-finished', step: 0, at: 1200 },
  { type: 'step-finished', step: 0, at: 1201 },
  { type: 'command-finished', step: 1, at: 1300 },
  { type: 'step-finished', step: 1, at: 1301 },
  { type: 'command-finished', step: 2, at: 2300 },
  { type: 'step-finished', step: 2, at: 2400 },
  { type: 'scope-finished', at: 2450 },
]

test('times of a run are counted from the beginning of its lab', (t) => {
  t.deepEqual(timesOf(run, 2), { 'first output': 1100, 'every output': 1200, 'tear-down': 50 })
})

test('an output before all machines have answered is not the first output', (t) => {
  const late = run.map((event, at) => (at === 3 ? { ...event, at: 1250 } : event))
  t.is(timesOf(late, 2)['first output'], 1150)
})

test('a run in which a machine did not answer has no times', (t) => {
  t.throws(() => timesOf(run, 3), { message: '2 of 3 machines became ready' })
  const silent = run.filter(({ step }) => step !== 1)
  t.throws(() => timesOf(silent, 2), { message: '1 of 2 machines gave an output' })
  const unfinished = run.filter(({ type }) => type !== 'scope-finished')
  t.throws(() => timesOf(unfinished, 2), { message: 'the run has no end of a lab' })
})

test('a line that is still being written is no event yet', (t) => {
  t.deepEqual(readEvents('{"type":"run-started","at":0}\n{"type":"sco'), [{ type: 'run-started', at: 0 }])
  t.deepEqual(readEvents(''), [])
})
