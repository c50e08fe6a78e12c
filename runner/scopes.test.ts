import test from 'ava'
import { cutScopes } from './cut.ts'
import type { Lab, Mutation, Variant } from './lab/lab.ts'
import { scopesToMutate, scopesToRun } from './scopes.ts'

const variant = (name: string): Variant => ({ name, values: {}, nodes: [], links: [], steps: [], crashCases: [] })
const source = { file: 'lab.yaml', line: 1, column: 1 }
const lab: Lab = {
  name: 'lab',
  folder: '/labs/lab',
  file: '/labs/lab/lab.yaml',
  included: [],
  copied: [],
  title: 'Lab',
  tags: [],
  summary: '',
  errata: [],
  makeMutants: () => [],
  findLacks: () => [],
  variants: [variant('one'), variant('two')],
  mutations: [
    {
      name: 'mistake',
      source,
      trials: ['one', 'two'].map((name) => ({ variant: variant(name), changedAt: 0, caughtBy: ['x'] })),
    },
  ],
}

test('a lab is run in all its variants, a variant alone when it is named', (t) => {
  t.deepEqual(
    scopesToRun([{ lab }], 1).map(({ name }) => name),
    ['lab/one', 'lab/two'],
  )
  t.deepEqual(
    scopesToRun([{ lab, variant: 'two' }], 1).map(({ name }) => name),
    ['lab/two'],
  )
})

test('repetitions run round by round, with names of their own', (t) => {
  t.deepEqual(
    scopesToRun([{ lab }], 2).map(({ name }) => name),
    ['lab/one', 'lab/two', 'lab/one #2', 'lab/two #2'],
  )
})

test('a mutation is tried in each of its variants', (t) => {
  t.deepEqual(
    scopesToMutate([{ lab }]).map(({ name }) => name),
    ['lab/one (mistake)', 'lab/two (mistake)'],
  )
  t.deepEqual(
    scopesToMutate([{ lab, variant: 'one' }]).map(({ name }) => name),
    ['lab/one (mistake)'],
  )
})

test('a mutation can be tried alone, by its name', (t) => {
  const second = { ...lab.mutations[0], name: 'another' } as Mutation
  const selection = { lab: { ...lab, mutations: [...lab.mutations, second] } }
  t.deepEqual(
    scopesToMutate([selection], ['another']).map(({ name }) => name),
    ['lab/one (another)', 'lab/two (another)'],
  )
  t.throws(() => scopesToMutate([selection], ['anothr']), { message: /no mutation has that name/ })
})

test('what a scope leaves is in a folder of its own, whichever part of the run it is in', (t) => {
  const variants = [...lab.variants, variant('one-2')]
  const scopes = scopesToRun([{ lab: { ...lab, variants } }], 2)
  const parts = cutScopes(scopes, 3, new Map()).parts.flat()
  t.is(new Set(parts.map(({ folder }) => folder)).size, 6)
  t.deepEqual(
    scopes.filter(({ name }) => name === 'lab/one' || name === 'lab/one-2').map(({ folder }) => folder),
    ['lab/one', 'lab/one-2'],
  )
  const [mistake] = lab.mutations
  const named = (name: string) => ({ ...mistake, name }) as Mutation
  const mutations = [named('no route!'), named('no route?')]
  const mutated = scopesToMutate([{ lab: { ...lab, mutations } }])
  t.is(new Set(mutated.map(({ folder }) => folder)).size, 4)
})
