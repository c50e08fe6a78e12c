import test from 'ava'
import type { Measurement } from './measurement.ts'
import { growthOf, resultOf } from './result.ts'
import { renderGrowth, renderTable, renderValue } from './table.ts'

const row = (machines: number): Measurement => ({
  ...{ name: `machines-${machines}`, what: '', rounds: 2, machines },
  figures: [
    { name: 'first output', unit: 'ms', bound: { most: 400, ratio: 0.35 } },
    { name: 'memory', unit: 'MB' },
    { name: 'heap', unit: 'MB', isDetail: true },
  ],
  sample: async () => ({}),
})

const firstOutput = (...times: number[]) => times.map((ms) => ({ 'first output': ms }))

test('values are told in a unit that a person reads', (t) => {
  t.deepEqual(
    [0.512, 42.34, 412.4, 1234, 61_250, -1500].map((ms) => renderValue(ms, 'ms')),
    ['0.51 ms', '42.3 ms', '412 ms', '1.23 s', '61.3 s', '-1.50 s'],
  )
  t.is(renderValue(5432, 'MB'), '5432 MB')
})

test('each figure is told of all who were measured, with its ratio to the baseline and its bounds', (t) => {
  const samples = new Map([
    ['this', firstOutput(300, 500)],
    ['before', firstOutput(1000, 1000)],
    ['cold boot', firstOutput(8000)],
  ])
  const missing = [{ who: 'vagrant', why: 'there is no virsh', failed: false }]
  t.is(
    renderTable([resultOf(row(1), samples, missing)]),
    `| what                     | who       | median |  least |   most | spread | to before |                     bounds |
| ------------------------ | --------- | -----: | -----: | -----: | -----: | --------: | -------------------------: |
| machines-1: first output | this      | 400 ms | 300 ms | 500 ms |   50 % |      0.40 | 400 ms ✓, 0.35 of before ✗ |
| machines-1: first output | before    | 1.00 s | 1.00 s | 1.00 s |    0 % |           |                            |
| machines-1: first output | cold boot | 8.00 s | 8.00 s | 8.00 s |        |      8.00 |                            |
machines-1, vagrant: not measured: there is no virsh
`,
  )
})

test('without a baseline there is no ratio, and no verdict on one', (t) => {
  const table = renderTable([resultOf(row(1), new Map([['this', firstOutput(401)]]), [])])
  t.regex(table, /\| 401 ms \| +\| +\| 400 ms ✗ \|\n$/)
})

test('growth is a line for each figure, and a further machine is told by part', (t) => {
  const results = [1, 2, 3].map((machines) =>
    resultOf(
      row(machines),
      new Map([['this', [{ 'first output': 100 + 300 * machines, memory: 20 + 40 * machines, heap: 5 * machines }]]]),
      [],
    ),
  )
  t.deepEqual(renderGrowth(growthOf(results)).split('\n'), [
    'this, first output of n machines: 100 ms + n · 300 ms, largest residual 0.00 ms at 1',
    'this, memory of n machines: 20.0 MB + n · 40.0 MB, largest residual 0.00 MB at 1; ' +
      'a further machine (45.0 MB ✓): heap 5.00 MB',
    '',
  ])
})

test('two numbers of machines tell no growth', (t) => {
  const results = [1, 2].map((machines) => resultOf(row(machines), new Map([['this', firstOutput(machines)]]), []))
  t.deepEqual(growthOf(results), [])
})
