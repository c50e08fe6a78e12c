import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { copyResult, listResults, readResult, writeResult } from './results-files.ts'

/** A results folder as somebody else may have made it: `lab` and `log` lead out of it, `again` and `latest` do not. */
function foreignFolder() {
  const base = writeFolder({ 'outside/secret.log': 'secret', 'results/inner/true.log': 'true' })
  const folder = join(base, 'results')
  symlinkSync('../outside', join(folder, 'lab'))
  symlinkSync('../outside/secret.log', join(folder, 'log'))
  symlinkSync('true.log', join(folder, 'inner/again.log'))
  symlinkSync('results', join(base, 'latest'))
  return { base, folder }
}

test('a file is read, also of a folder that is reached by a link', (t) => {
  const { base, folder } = foreignFolder()
  t.is(readResult(folder, 'inner/true.log'), 'true')
  t.is(readResult(join(base, 'latest'), 'inner/true.log'), 'true')
})

for (const path of ['log', 'lab/secret.log', '../outside/secret.log', 'inner/again.log', 'inner', 'absent'])
  test(`${path} is not read`, (t) => {
    t.throws(() => readResult(foreignFolder().folder, path))
  })

test('nothing is read that is no file: no device, no socket, no pipe', (t) => {
  t.throws(() => readResult('/dev', 'null'), { message: 'it is not a regular file' })
})

test('only regular files are listed, and nothing behind a link', (t) => {
  t.deepEqual(listResults(foreignFolder().folder), ['inner/true.log'])
})

test('a file is written in the place of a link, and never through it', (t) => {
  const { base, folder } = foreignFolder()
  writeResult(folder, 'log', 'new')
  t.is(readFileSync(join(base, 'outside/secret.log'), 'utf8'), 'secret')
  t.true(lstatSync(join(folder, 'log')).isFile())
  t.is(readResult(folder, 'log'), 'new')
})

test('what cannot be written leaves what was there, and nothing else', (t) => {
  const folder = writeFolder({})
  mkdirSync(join(folder, 'report'))
  t.throws(() => writeResult(folder, 'report', 'text'), { code: 'EISDIR' })
  t.deepEqual(readdirSync(folder), ['report'])
})

test('a copy is of the file itself', (t) => {
  const { base, folder } = foreignFolder()
  const to = join(base, 'to')
  copyResult(folder, 'inner/true.log', to)
  t.is(readFileSync(join(to, 'inner/true.log'), 'utf8'), 'true')
  t.throws(() => copyResult(folder, 'lab/secret.log', to))
  writeFileSync(join(folder, 'inner/true.log'), 'other')
  t.is(readFileSync(join(to, 'inner/true.log'), 'utf8'), 'true')
})
