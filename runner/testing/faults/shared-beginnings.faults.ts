import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RunEvent } from '../../events.ts'
import { makePrivateHost } from './cli-process.ts'

// In real machines, mutants get the same verdicts where they go on in copies of machines as where all is done for each:
// some of them, chosen by WIRELAB_SEED, or with WIRELAB_MUTANTS=all in the environment all. No more run at once than
// leave some to go on in what others saved: six would begin before anything is.
const seed = process.env['WIRELAB_SEED'] ?? '1'
const choice = process.env['WIRELAB_MUTANTS'] === 'all' ? [] : ['--sample', '8', '--seed', seed]

for (const lab of ['bridge-veth', 'bridge-config'])
  test(`mutants of ${lab} have the same verdicts with shared beginnings as without, by seed ${seed}`, async () => {
    const host = makePrivateHost()
    try {
      const results = async (name: string, ...options: string[]) => {
        const folder = join(host.folder, name)
        const mutate = ['mutate', lab, '--auto', ...choice, '--jobs', '2']
        const { output } = await host.run([...mutate, '--results', folder, ...options])
        assert.deepEqual(host.look().files, [], 'no save is left')
        const text = readFileSync(join(folder, 'events.jsonl'), 'utf8')
        const events = text
          .trimEnd()
          .split('\n')
          .map((line): RunEvent => JSON.parse(line))
        return { output, finished: events.filter((event) => event.type === 'scope-finished') }
      }
      const [shared, anew] = [await results('shared'), await results('anew', '--no-share')]
      const verdicts = ({ finished }: typeof anew) =>
        Object.fromEntries(finished.map(({ scope, outcome, caught }) => [scope, { outcome, caught }]))
      assert.deepEqual(verdicts(shared), verdicts(anew), `${shared.output}\n${anew.output}`)
      const begun = ({ finished }: typeof anew) => finished.filter(({ beginning }) => beginning?.scope !== undefined)
      assert.ok(begun(shared).length > 0, shared.output)
      assert.equal(begun(anew).length, 0)
    } finally {
      host.remove()
    }
  })
