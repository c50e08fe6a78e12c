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
