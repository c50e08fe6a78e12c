import test from 'ava'
import { scopesToTry } from './mutant-scopes.ts'
import { scopesOnImages } from './on-images.ts'
import { scopesToMutate, scopesToRun } from './scopes.ts'
import { labOf } from './testing/test-labs.ts'

const lab = labOf(`title: A test
summary: A test.
nodes: { host: {} }
variants: { one: {}, two: {} }
steps:
  - { name: do it, id: do-it, on: host, run: x }
  - { name: look, expect: [{ output: { on: host, command: y, prints: z } }] }
mutations: [{ name: it is / left out, without: do-it, in: [one], caught-by: [look] }]
`)

const namesOn = (...images: readonly string[]) =>
  scopesOnImages(scopesToRun([{ lab }], 1), images).map(({ name, folder, image }) => [name, folder, image])

test('on one image everything has the name that it has on none', (t) => {
  const [name, folder] = [`${lab.name}/one`, `${lab.name}/one`]
  t.deepEqual(namesOn()[0], [name, folder, undefined])
  t.deepEqual(namesOn('debian-13')[0], [name, folder, 'debian-13'])
})

test('on several images the same runs on each, under names and in folders of their own', (t) => {
  const names = ['one@a', 'two@a', 'one@b+frr', 'two@b+frr'].map((name) => `${lab.name}/${name}`)
  t.deepEqual(
    namesOn('a', 'b+frr').map(([name, folder]) => [name, folder]),
    names.map((name) => [name, name]),
  )
})

test('repetitions and mutations keep what stands behind the variant', (t) => {
  const repeated = scopesOnImages(scopesToRun([{ lab, variant: 'one' }], 2), ['a', 'b'])
  t.is(repeated[1]?.name, `${lab.name}/one@a #2`)
  const [mutated] = scopesOnImages(scopesToMutate([{ lab }]), ['a', 'b'])
  t.is(mutated?.name, `${lab.name}/one@a (it is / left out)`)
})

test('a mutant has its further tries on the same image', (t) => {
  const mutants = lab.makeMutants().map((mutant) => ({ lab, mutant }))
  const [first] = scopesOnImages(scopesToTry(mutants), ['a', 'b'])
  t.deepEqual(
    first?.otherwise?.map(({ image, retryOf }) => [image, retryOf]),
    [['a', first?.name]],
  )
})
