import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { fileName, makeFolderInside, pathInside } from './file-names.ts'
import { consoleFile, stepFile } from './results-folder.ts'

const place = mkdtempSync(join(tmpdir(), 'wirelab-names-'))
test.after.always(() => rmSync(place, { recursive: true, force: true }))

const hostile = ['../up', '/etc/x', '..', '.', '', 'a/b', 'a\0b', 'a\nb', '-rf', 'a b', 'ä', 'x'.repeat(300)]

test('a plain text names a file as it is, any other one a file of its own in the same folder', (t) => {
  for (const plain of ['eth1', 'r1-eth1.100', 'a_b']) t.is(fileName(plain), plain)
  const names = hostile.map(fileName)
  t.is(new Set(names).size, hostile.length)
  for (const name of names) t.regex(name, /^\w[\w.-]{0,99}$/)
})

test('no name of a machine, a capture or a process leads out of a folder', (t) => {
  for (const text of hostile)
    for (const name of [consoleFile(text, 1), stepFile(0, text, 'pcap')]) t.regex(name, /^[\w][\w.-]*$/)
})

test('what would lie elsewhere is no path inside', (t) => {
  mkdirSync(join(place, 'in'))
  symlinkSync(tmpdir(), join(place, 'in', 'out'))
  t.is(pathInside(place, 'in/new/file'), join(place, 'in/new/file'))
  for (const name of ['..', '.', '', '../x', 'in/../../x', 'in/out', 'in/out/x'])
    t.throws(() => pathInside(place, name), { message: /^cannot write .*: it is a link, or does not lie in / })
})

test('a folder is made inside, and not through a link', (t) => {
  t.true(existsSync(makeFolderInside(place, 'lab/variant')))
  symlinkSync(join(place, 'lab'), join(place, 'link'))
  t.throws(() => makeFolderInside(place, 'link/other'))
  t.false(existsSync(join(place, 'lab', 'other')))
})
