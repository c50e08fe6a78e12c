import { join } from 'node:path'
import test from 'ava'
import { WirelabError } from '../errors.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { findLab, listLabs } from './find-lab.ts'

const labs = writeFolder({
  'macvlan-modes/lab.yaml': 'title: Macvlan modes\nvariants: { vepa: {}, bridge: {} }\n',
  'bridge-veth/lab.yaml': 'title: A container on a bridge\n',
  'broken/lab.yaml': 'title: [\n',
  'late/lab.yaml': 'steps: []\ntitle: Said late\n',
  'lab.schema.json': '{}',
  'empty/readme': '',
})

function errorOf(name: string): WirelabError | undefined {
  try {
    findLab(name, labs)
    return undefined
  } catch (error) {
    return error instanceof WirelabError ? error : undefined
  }
}

test('labs are listed by name with their titles', (t) => {
  t.deepEqual(
    listLabs(labs).map(({ name, title }) => [name, title]),
    [
      ['bridge-veth', 'A container on a bridge'],
      ['broken', undefined],
      ['late', 'Said late'],
      ['macvlan-modes', 'Macvlan modes'],
    ],
  )
  t.deepEqual(listLabs(join(labs, 'nowhere')), [])
})

test('of a listed lab its chapter, machines and variants are known, wherever its steps stand', (t) => {
  const nodes = 'nodes: { a: {}, b: , n: { namespace-of: a } }\n'
  const folder = writeFolder({
    'first/lab.yaml': `title: T\nchapter: C\n${nodes}variants: { v: {}, w: {} }\nsteps: []\n`,
    'last/lab.yaml': `title: T\nsteps: []\n${nodes}`,
    'none/lab.yaml': 'title: T\nnodes: 5\n',
  })
  t.deepEqual(
    listLabs(folder).map(({ chapter, machines, variants }) => [chapter, machines, variants]),
    [
      ['C', 2, ['v', 'w']],
      [undefined, 2, ['default']],
      [undefined, 0, ['default']],
    ],
  )
})

test('a lab is found by name, with a variant, and by path', (t) => {
  const file = join(labs, 'macvlan-modes/lab.yaml')
  t.deepEqual(findLab('macvlan-modes', labs), { file })
  t.deepEqual(findLab('macvlan-modes/vepa', labs), { file, variant: 'vepa' })
  t.deepEqual(findLab('bridge-veth/default', labs).variant, 'default')
  t.deepEqual(findLab(join(labs, 'macvlan-modes'), labs), { file })
  t.deepEqual(findLab(file, '/nowhere'), { file })
})

test('a variant of a lab given by path is found, be it the path of the file or of its folder', (t) => {
  const folder = join(labs, 'macvlan-modes')
  const found = { file: join(folder, 'lab.yaml'), variant: 'vepa' }
  for (const path of ['vepa', 'vepa/', 'lab.yaml/vepa', 'lab.yaml//vepa'])
    t.deepEqual(findLab(join(folder, path), '/nowhere'), found)
  t.deepEqual(findLab(`${folder}//lab.yaml//vepa`, '/nowhere'), found)
  const error = errorOf(`${folder}/lab.yaml/brige`)
  t.is(error?.message, `cannot find variant "brige" of lab ${folder}/lab.yaml: it has none of this name`)
  t.true(error?.remedy?.startsWith(`did you mean "${folder}/lab.yaml/bridge"? `))
})

test('a name that does not exist is a usage error with the nearest', (t) => {
  const error = errorOf('brige-veth')
  t.is(error?.kind, 'usage')
  t.is(error?.message, 'cannot find lab "brige-veth": there is no lab and no file of this name')
  t.regex(error?.remedy ?? '', /did you mean "bridge-veth"\?/)
})

test('a variant that does not exist is a usage error with the nearest', (t) => {
  const error = errorOf('macvlan-modes/brige')
  t.is(error?.kind, 'usage')
  t.is(error?.message, 'cannot find variant "brige" of lab macvlan-modes: it has none of this name')
  t.regex(error?.remedy ?? '', /did you mean "macvlan-modes\/bridge"\?/)
})

test('a folder without a lab file is told so', (t) => {
  t.regex(errorOf(join(labs, 'empty'))?.message ?? '', /the folder has no lab.yaml/)
})
