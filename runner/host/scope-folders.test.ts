import test from 'ava'
import { scopeFolders } from './scope-folders.ts'

const part = /^\w[\w.-]{0,99}$/

/** Sees that folders are what a results folder can hold, whatever the names. */
function check(t: { true(value: boolean, message?: string): void }, names: readonly string[]) {
  const folders = scopeFolders(names)
  for (const [index, folder] of folders.entries()) {
    const parts = folder.split('/')
    t.true(parts.length === 2 && parts.every((one) => part.test(one)), `${names[index]} -> ${folder}`)
  }
  t.true(new Set(folders.map((folder) => folder.toLowerCase())).size === names.length, folders.join(' '))
  return folders
}

test('a variant keeps its name, and what can be read stays readable', (t) => {
  const names = ['lab/one', 'lab/one #2', 'lab/one (left out: the route)', 'lab/x--', 'lab/x-', 'lab/x', 'lab/a_b.c']
  t.deepEqual(check(t, names), [
    'lab/one',
    'lab/one-2',
    'lab/one-left-out-the-route',
    'lab/x--',
    'lab/x-',
    'lab/x',
    'lab/a_b.c',
  ])
})

test('names that are alike when folded have folders of their own, and a variant of that name keeps its', (t) => {
  const [repeated, variant, ...mutations] = check(t, ['x/a #2', 'x/a-2', 'x/a (no route!)', 'x/a (no route?)'])
  t.is(variant, 'x/a-2')
  t.regex(repeated ?? '', /^x\/a-2-[0-9a-f]{8}$/)
  for (const folder of mutations) t.regex(folder, /^x\/a-no-route-[0-9a-f]{8}$/)
})

test('the order of the scopes does not matter', (t) => {
  const names = ['x/a #2', 'x/a-2', 'x/a (é)', 'x/a (no route!)', 'x/a (no route?)', 'x/A', 'x/a']
  t.deepEqual(scopeFolders(names.toReversed()).toReversed(), scopeFolders(names))
})

test('names in other scripts are told apart, alone and beside others', (t) => {
  const names = ['x/a (без маршрута)', 'x/a (経路なし)', 'x/a', 'x/a (🙂)', 'x/a (🙃)', 'маршрут/a', '経路/a']
  const folders = check(t, names)
  t.deepEqual(
    names.map((name) => scopeFolders([name])[0]),
    folders,
  )
})

test('no name leads out of the results folder, into another scope or to a file of the record', (t) => {
  const names = [
    'x/a (../../../etc)',
    'x/..',
    '../..',
    '/etc/passwd',
    'x/.',
    '.',
    '',
    'x',
    'x/',
    'x/a',
    'x/a/b',
    'x/a\\b',
  ]
  check(t, [...names, 'x/\0', 'x/-rf', 'x/\n', 'events.jsonl/a', 'junit.xml/a', 'report.HTML/a', 'manifest.json/a'])
  for (const folder of scopeFolders(['events.jsonl/a', 'junit.xml!/a', 'report.HTML/a', 'handout-x.md/a']))
    t.regex(folder, /^[\w.-]+-[0-9a-f]{8}\/a$/)
})

test('names that differ in case alone, or only after a hundred characters, have folders of their own', (t) => {
  const long = 'long'.repeat(50)
  check(t, [
    'x/A',
    'x/a',
    'x/a (NO)',
    'x/a (no)',
    `x/${long}`,
    `x/${long}1`,
    `x/${long} (1)`,
    `${long}/a`,
    `${long}1/a`,
  ])
})

test('not even the folder that a digest makes can be taken, nor one name twice', (t) => {
  const [first = '', second = ''] = scopeFolders(['x/no!', 'x/no?'])
  check(t, ['x/no!', 'x/no?', first, second, `${first}!`, second.toUpperCase(), 'x/no!', 'x/no!'])
})
