import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { resultsFolders } from './results-folders.ts'

test('of all that is in results/ only folders are taken, each once', (t) => {
  const folder = writeFolder({ 'history.html': '' })
  for (const name of ['one', 'two']) mkdirSync(join(folder, name))
  symlinkSync('two', join(folder, 'latest'))
  symlinkSync('gone', join(folder, 'broken'))
  const of = (...names: string[]) =>
    resultsFolders(names.map((name) => join(folder, name))).map((path) => path.slice(folder.length + 1))
  t.deepEqual(of('history.html', 'latest', 'one', 'two'), ['one', 'two'])
  t.deepEqual(of('latest', 'one'), ['latest', 'one'])
  t.deepEqual(of('latest/', 'two/'), ['two/'])
  t.deepEqual(of('one', 'one'), ['one', 'one'])
  t.deepEqual(of('absent', 'broken'), ['absent', 'broken'])
  t.deepEqual(of('history.html'), ['history.html'])
})

test('parts that were merged are not taken apart from the whole, whatever is named first', (t) => {
  const manifests = {
    'part-1': { run: 'a' },
    'part-2': { run: 'b' },
    other: { run: 'c' },
    half: { run: 'a', merged: ['a', 'b'] },
    merged: { run: 'a', merged: ['a', 'b', 'd'] },
    alone: { run: 'c', merged: ['c'] },
    broken: { run: 1 },
  }
  const folder = writeFolder(
    Object.fromEntries(
      Object.entries(manifests).map(([name, manifest]) => [`${name}/manifest.json`, JSON.stringify(manifest)]),
    ),
  )
  const of = (...names: string[]) =>
    resultsFolders(names.map((name) => join(folder, name))).map((path) => path.slice(folder.length + 1))
  t.deepEqual(of('part-1', 'part-2', 'other', 'half'), ['other', 'half'])
  t.deepEqual(of('merged', 'half', 'part-2', 'part-1'), ['merged'])
  t.deepEqual(of('other', 'alone', 'broken'), ['alone', 'broken'])
  t.deepEqual(of('part-1', 'part-2', 'part-1'), ['part-1', 'part-2', 'part-1'])
})
