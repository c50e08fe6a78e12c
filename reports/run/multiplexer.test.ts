import test from 'ava'
import type { RunEvent } from '../../runner/events.ts'
import { fanOut } from './multiplexer.ts'

const event = (at: number): RunEvent => ({ type: 'progress', at, message: '' })

test('each sink gets each event in order', (t) => {
  const got: string[] = []
  const sink = fanOut([({ at }) => got.push(`a${at}`), ({ at }) => got.push(`b${at}`)])
  sink(event(1))
  sink(event(2))
  t.deepEqual(got, ['a1', 'b1', 'a2', 'b2'])
})

test('a sink that throws is told once and the others go on', (t) => {
  const got: number[] = []
  const errors: unknown[] = []
  let calls = 0
  const broken = () => {
    calls += 1
    throw new Error('no space left')
  }
  const sink = fanOut([broken, ({ at }) => got.push(at)], (error, which) => errors.push(error, which))
  for (const at of [1, 2, 3]) sink(event(at))
  t.deepEqual(got, [1, 2, 3])
  t.is(calls, 1)
  t.deepEqual(errors, [new Error('no space left'), broken])
})

test('it does not throw even when nobody can be told', (t) => {
  const fail = () => {
    throw new Error('broken')
  }
  t.notThrows(() => fanOut([fail], fail)(event(1)))
})
