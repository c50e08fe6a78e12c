import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manyScopes } from '../many-scopes.ts'
import type { Figure, Measurement } from '../measurement.ts'
import { runNpm } from '../run-npm.ts'

interface Command extends Pick<Measurement, 'name' | 'what' | 'rounds' | 'isLong' | 'isQuick' | 'isWarmedUp'> {
  readonly bound?: Figure['bound']
  /** Behind `npm run`; `results` is a folder that is not there yet, or has the events of a run. */
  words(results: string): readonly string[]
  /** Of a run that is there before. */
  events?(): string
  readonly exitCode?: number
}

const inResults = (results: string, ...words: string[]) => ['lab', ...words, '--results', results]

const commands: readonly Command[] = [
  {
    ...{ name: 'list', what: 'the list of labs', rounds: 5, bound: { most: 300 }, isQuick: true, isWarmedUp: true },
    words: () => ['lab'],
  },
  {
    ...{ name: 'set-up', what: 'set-up with nothing to do', rounds: 3, bound: { most: 1000 }, isWarmedUp: true },
    words: () => ['setup'],
  },
  {
    ...{ name: 'reports', what: 'reports of 60 lab variants', rounds: 3, bound: { most: 5000 } },
    words: (results) => ['lab', 'report', results],
    events: () => manyScopes(60),
    // That of the run, in which not all passed.
    exitCode: 3,
  },
  {
    ...{ name: 'bridge-veth', what: 'the lab bridge-veth', rounds: 5, isQuick: true, isWarmedUp: true },
    bound: { ratio: 0.55, most: 3500 },
    words: (results) => inResults(results, 'bridge-veth', '--'),
  },
  {
    ...{ name: 'macvlan-modes', what: 'the lab macvlan-modes, all variants', rounds: 3, isWarmedUp: true },
    bound: { ratio: 0.55, most: 12_000 },
    words: (results) => inResults(results, 'macvlan-modes', '--'),
  },
  {
    ...{ name: 'all-labs', what: 'all labs in one process', rounds: 1, isLong: true },
    bound: { ratio: 0.6, most: 6 * 60_000 },
    words: (results) => inResults(results, '--', '--all'),
  },
  {
    ...{ name: 'all-mutations', what: 'all declared mutations', rounds: 1, isLong: true },
    bound: { ratio: 0.5, most: 25 * 60_000 },
    words: (results) => inResults(results, 'mutate', '--', '--all'),
  },
]

/** Whole commands, as a person waits for them. */
export const wholeCommands: readonly Measurement[] = commands.map(
  ({ words, events, exitCode = 0, bound, ...measurement }) => ({
    ...measurement,
    figures: [{ name: 'whole command', unit: 'ms', ...(bound ? { bound } : {}) }],
    async sample(tree, signal) {
      const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'))
      const results = events === undefined ? join(folder, 'run') : folder
      if (events !== undefined) writeFileSync(join(results, 'events.jsonl'), events())
      try {
        return { 'whole command': await runNpm(tree, words(results), { signal, exitCode }) }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }),
)
