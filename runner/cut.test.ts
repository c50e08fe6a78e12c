import test from 'ava'
import { cutScopes } from './cut.ts'
import { timeKey } from './expected-time.ts'
import { scopesOnImages } from './on-images.ts'
import { scopesToMutate, scopesToRun } from './scopes.ts'
import { labWith } from './testing/test-run.ts'

const step = '  - { name: one, id: one, on: a, run: x, expect: [{ ping: { from: a, to: b, is: reachable } }] }'
const lab = labWith(
  step,
  `variants:\n  one: {}\n  two: {}\n  three: {}\nmutations:\n  - { name: m, without: one, caught-by: [one] }`,
)
const ofVariants = (times: Readonly<Record<string, number>>) =>
  new Map(Object.entries(times).map(([variant, ms]) => [timeKey(lab.name, variant), ms]))
const plainNames = (parts: ReturnType<typeof cutScopes>['parts']) =>
  parts.map((own) => own.map(({ name }) => name.slice(lab.name.length + 1)))

test('parts take about as long, and have each scope once, in the order of the run', (t) => {
  const scopes = scopesToRun([{ lab }], 2)
  const { parts, expectedMs } = cutScopes(scopes, 3, ofVariants({ one: 1000, two: 2000, three: 3000 }))
  t.deepEqual(plainNames(parts), [
    ['one', 'three'],
    ['one #2', 'three #2'],
    ['two', 'two #2'],
  ])
  t.deepEqual(expectedMs, [4000, 4000, 4000])
})

test('the same scopes and times are cut the same way, in whatever order the times are known', (t) => {
  const times = ofVariants({ one: 1000, two: 2000, three: 3000 })
  const cut = (from: typeof times) => plainNames(cutScopes(scopesToRun([{ lab }], 5), 4, from).parts)
  t.deepEqual(cut(new Map([...times].toReversed())), cut(times))
})

test('what was never tried is expected to take as long as its kind, by the pace of what was', (t) => {
  const scopes = scopesToRun([{ lab }], 1)
  const { expectedMs } = cutScopes(scopes, 3, ofVariants({ one: 60_000 }))
  t.deepEqual(expectedMs, [60_000, 60_000, 60_000])
  const unknown = cutScopes(scopes, 3, new Map()).expectedMs
  t.true((unknown[0] ?? 0) > 0 && new Set(unknown).size === 1)
})

test('a mutation, and a variant on another image, is expected to take as long as its variant', (t) => {
  const times = ofVariants({ one: 10_000, two: 20_000, three: 30_000 })
  const expected = (scopes: Parameters<typeof cutScopes>[0]) => cutScopes(scopes, 1, times).expectedMs
  t.deepEqual(expected(scopesToMutate([{ lab }])), [60_000])
  t.deepEqual(expected(scopesOnImages(scopesToRun([{ lab }], 1), ['debian-12', 'debian-13'])), [120_000])
})

test('more parts than there are scopes leave some with nothing', (t) => {
  t.deepEqual(
    cutScopes(scopesToRun([{ lab, variant: 'one' }], 1), 2, new Map()).parts.map((own) => own.length),
    [1, 0],
  )
})
