import test from 'ava'
import { timeKey } from './expected-time.ts'
import { longestFirst } from './longest-first.ts'
import { scopesToMutate, scopesToRun } from './scopes.ts'
import { labWith } from './testing/test-run.ts'

const step = '  - { name: one, id: one, on: a, run: x, expect: [{ ping: { from: a, to: b, is: reachable } }] }'
const mutation = '{ name: NAME, without: one, caught-by: [one] }'
const lab = labWith(
  step,
  `variants:\n  quick: {}\n  long: {}\n  longest: {}\nmutations:\n  - ${mutation.replace('NAME', 'm')}\n  - ${mutation.replace('NAME', 'n')}`,
)
const of = (variant: string, mutationName?: string) => timeKey(lab.name, variant, mutationName)
const namesIn = (scopes: readonly { name: string }[]) => scopes.map(({ name }) => name.slice(lab.name.length + 1))
const timesOf = (...times: readonly (readonly [string, number])[]) => new Map(times)

test('the longest scope comes first, and one of which nothing is known before it', (t) => {
  const scopes = scopesToRun([{ lab }], 1)
  const times = timesOf([of('quick'), 2000], [of('longest'), 60_000])
  t.deepEqual(namesIn(longestFirst(scopes, times)), ['long', 'longest', 'quick'])
  t.deepEqual(namesIn(longestFirst(scopes, new Map([...times, [of('long'), 9000]]))), ['longest', 'long', 'quick'])
})

test('scopes that take about as long, or of which nothing is known, stay in their order', (t) => {
  const scopes = scopesToRun([{ lab }], 1)
  const given = ['quick', 'long', 'longest']
  t.deepEqual(namesIn(longestFirst(scopes, new Map())), given)
  t.deepEqual(namesIn(longestFirst(scopes, new Map(given.map((name, at) => [of(name), 10_000 + 300 * at])))), given)
  t.deepEqual(namesIn(longestFirst(scopes, new Map(given.map((name) => [of(name), 0])))), given)
})

test('a round of repetitions ends before the next', (t) => {
  const times = timesOf([of('quick'), 1], [of('long'), 100], [of('longest'), 10_000])
  t.deepEqual(namesIn(longestFirst(scopesToRun([{ lab }], 2), times)), [
    ...['longest', 'long', 'quick'],
    ...['longest #2', 'long #2', 'quick #2'],
  ])
})

test('a mutation has a time of its own, and until it has one that of its variant', (t) => {
  const scopes = scopesToMutate([{ lab, variant: 'quick' }])
  t.deepEqual(namesIn(longestFirst(scopes, timesOf([of('quick'), 5000], [of('quick', 'n'), 20_000]))), [
    'quick (n)',
    'quick (m)',
  ])
})
