import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { writeFolder } from '../../testing/test-labs.ts'
import type { Engine } from '../engine.ts'
import { local } from './local.ts'

const needs = { processors: 1, memoryMiB: 1, limitMs: 1000, longer: 1, measuresTime: false }

/** The states of two parts, when none runs any more. */
async function statesAtEnd(engine: Engine, id: string) {
  for (;;) {
    const [states] = await engine.watch([{ id, parts: [1, 2] }])
    const all = [...(states?.values() ?? [])].map(({ state }) => state)
    if (!all.includes('running')) return all
    await delay(20)
  }
}

test('each part is a process that is told which it is, and is gone at its end', async (t) => {
  const folder = writeFolder({})
  const engine = local.make({ tries: 3, parts: 2 })
  const id = await engine.submit({ parts: [1, 2], script: 'echo "part $part"', folder, attempt: 1, needs })
  t.deepEqual(await statesAtEnd(engine, id), ['gone', 'gone'])
  t.is(readFileSync(join(folder, 'part-2.1.log'), 'utf8'), 'part 2\n')
})

test('a part that was gone before it was looked at is gone', async (t) => {
  const engine = local.make({ tries: 3, parts: 2 })
  t.deepEqual(await statesAtEnd(engine, '0.,999999999.'), ['gone', 'gone'])
})

test('what is cancelled is gone, and what is gone can be cancelled', async (t) => {
  const engine = local.make({ tries: 3 })
  const id = await engine.submit({
    parts: [1, 2],
    script: 'exec sleep 600',
    folder: writeFolder({}),
    attempt: 1,
    needs,
  })
  const [states] = await engine.watch([{ id, parts: [1, 2] }])
  t.deepEqual([...(states?.values() ?? [])], [{ state: 'running' }, { state: 'running' }])
  await engine.cancel(id)
  t.deepEqual(await statesAtEnd(engine, id), ['gone', 'gone'])
  await engine.cancel(id)
})
