import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { loadLab } from '../lab/load-lab.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { filesOf, watchFiles } from './watched-files.ts'

/** Watches a lab file that holds "one" while `act` is done. Returns whether it changed until the bell rang. */
async function changes(act: (file: string) => void | Promise<void>): Promise<boolean> {
  const folder = writeFolder({ 'lab.yaml': 'one', 'bell/rings': '' })
  const file = join(folder, 'lab.yaml')
  const [files, bell, ended] = [watchFiles(), watchFiles(), new AbortController()]
  try {
    files.watch([file])
    bell.watch([join(folder, 'rings')])
    const changed = files.changed(ended.signal).then(
      () => true,
      () => false,
    )
    const rung = bell.changed(ended.signal)
    await act(file)
    // A watcher is told of one folder's events in their order: when the bell is heard, all before it was.
    writeFileSync(join(folder, 'rings'), 'x')
    await rung
    ended.abort()
    return await changed
  } finally {
    files.close()
    bell.close()
  }
}

test('a file that is written over, or renamed into its place, has changed', async (t) => {
  t.true(await changes((file) => writeFileSync(file, 'two')))
  t.true(
    await changes((file) => {
      writeFileSync(`${file}.new`, 'two')
      renameSync(`${file}.new`, file)
    }),
  )
})

test('a file that an editor moves aside and writes anew has changed once it is whole', async (t) => {
  t.true(
    await changes((file) => {
      renameSync(file, `${file}~`)
      writeFileSync(file, 'two')
    }),
  )
})

test('a file that is saved as it was, is gone or is empty has not changed, nor has one beside it', async (t) => {
  t.false(await changes((file) => writeFileSync(file, 'one')))
  t.false(await changes((file) => rmSync(file)))
  t.false(await changes((file) => writeFileSync(file, '')))
  t.false(await changes((file) => writeFileSync(`${file}.swp`, 'two')))
})

test('what changed while nobody waited is told to the next who does', async (t) => {
  const file = join(writeFolder({ 'lab.yaml': 'one' }), 'lab.yaml')
  const files = watchFiles()
  files.watch([file])
  writeFileSync(file, 'two')
  await t.notThrowsAsync(files.changed(new AbortController().signal))
  const ended = new AbortController()
  ended.abort(new Error('nothing more'))
  await t.throwsAsync(files.changed(ended.signal), { message: 'nothing more' })
  files.close()
})

test('a lab is made of its file and of those that its steps copy', (t) => {
  const text = 'title: t\nsummary: s\nnodes: { a: {} }\nsteps: [{ name: s, on: a, copy: { /x: conf/x, /y: conf/x } }]\n'
  const folder = writeFolder({ 'lab.yaml': text, 'conf/x': 'x' })
  const { lab } = loadLab(folder, assertions)
  t.deepEqual(lab && filesOf(lab), [join(folder, 'lab.yaml'), join(folder, 'conf/x')])
})

test('a lab is made of the files that it includes, and of all that lies in folders that it copies', (t) => {
  const text = 'title: t\nsummary: s\nnodes: { a: {} }\nsteps: [{ include: one.yaml }]\n'
  const one = '- { name: s, on: a, copy: { /x: conf } }\n'
  const folder = writeFolder({ 'lab.yaml': text, 'one.yaml': one, 'conf/x': 'x', 'conf/in/y': 'y' })
  const { lab } = loadLab(folder, assertions)
  t.deepEqual(
    lab && filesOf(lab),
    ['lab.yaml', 'one.yaml', 'conf', 'conf/in', 'conf/in/y', 'conf/x'].map((name) => join(folder, name)),
  )
})

test('a folder has changed when a file comes to it or goes', async (t) => {
  const folder = writeFolder({ 'conf/x': 'x' })
  const files = watchFiles()
  const paths = [join(folder, 'conf'), join(folder, 'conf/x')]
  files.watch(paths)
  t.deepEqual(files.watched(), paths)
  const come = files.changed(new AbortController().signal)
  writeFileSync(join(folder, 'conf/y'), 'y')
  await t.notThrowsAsync(come)
  const made = files.changed(new AbortController().signal)
  mkdirSync(join(folder, 'conf/in'))
  await t.notThrowsAsync(made)
  files.close()
})
