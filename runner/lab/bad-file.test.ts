import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { diagnosticsOf, fakeTable, mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

test('a file that does not exist is named', (t) => {
  const [mistake] = loadLab('/nowhere/lab.yaml', fakeTable).diagnostics ?? []
  t.is(mistake?.message, 'cannot read lab file: there is no such file')
  t.is(mistake?.file, '/nowhere/lab.yaml')
})

test('a folder without a lab file lacks one', (t) => {
  const [mistake] = loadLab(writeFolder({ other: '' }), fakeTable).diagnostics ?? []
  t.is(mistake?.message, 'cannot read lab file: there is no such file')
})

test('an empty file is told from a broken one', (t) => {
  t.deepEqual(mistakesOf(''), ['cannot read lab file: it is empty'])
  t.deepEqual(mistakesOf('# nothing\n'), ['cannot read lab file: there is nothing in it'])
})

test('a file of 10 MB is not read', (t) => {
  t.deepEqual(mistakesOf('#'.repeat(10 * 1024 * 1024)), ['cannot read lab file: it has 10.0 MB, the limit is 1 MB'])
})

test('bytes that are no UTF-8 are refused', (t) => {
  t.deepEqual(mistakesOf(new Uint8Array([0x74, 0xff, 0xfe])), ['cannot read lab file: it is no UTF-8 text'])
})

test('a pipe is refused, not waited for', (t) => {
  const folder = writeFolder({})
  execFileSync('mkfifo', [join(folder, 'lab.yaml')])
  const [mistake] = loadLab(folder, fakeTable).diagnostics ?? []
  t.is(mistake?.message, 'cannot read lab file: it is no regular file')
})

test('a YAML syntax error is shown where it stands', (t) => {
  t.regex(mistakesOf('title: a\nnodes: {a: [}\n')[0] ?? '', /^2:\d+ cannot read YAML: /)
})

test('a tab in the indentation is explained', (t) => {
  const [mistake] = diagnosticsOf('title: a\nnodes:\n\thost: {}\n')
  t.is(mistake?.place?.line, 3)
  t.regex(String(mistake?.hint), /spaces/)
})

test('a syntax error by a placeholder without quotes is explained', (t) => {
  t.regex(String(diagnosticsOf('title: {{a}} b\n')[0]?.hint), /quotes/)
})

test('a file that is no mapping is refused', (t) => {
  for (const text of ['- a\n', 'text\n', '7\n']) {
    t.regex(mistakesOf(text)[0] ?? '', /expected a mapping with title, summary, nodes and steps/)
  }
})

test('a key twice and a second document are mistakes among the others', (t) => {
  const mistakes = mistakesOf('title: a\ntitle: b\n---\nx: y\n')
  t.true(mistakes.includes('2:1 cannot use key "title" twice in one mapping'))
  t.true(mistakes.some((mistake) => mistake.includes('second document')))
  t.true(mistakes.includes('1:1 cannot do without "summary": it is missing here'))
})

test('a text without quotes that YAML takes for something else is shown with quotes', (t) => {
  const [number, bool, nothing] = diagnosticsOf(
    'title: 1.10\nsummary: true\nerrata: [{ notes: , fails: a, works: b }]\nnodes: { host: {} }\nsteps: [{ name: a, on: host, run: x }]\n',
  )
  t.is(number?.message, 'cannot use number 1.1 as title: expected text')
  t.regex(String(number?.hint), /write "1\.10"/)
  t.regex(String(bool?.hint), /write "true"/)
  t.is(nothing?.message, 'cannot use nothing as notes: expected text')
})

test('an unknown key is shown with the nearest that is known', (t) => {
  const [mistake] = diagnosticsOf('titel: a\nsummary: b\nnodes: { host: {} }\nsteps: [{ name: a, on: host, run: x }]\n')
  t.is(mistake?.message, 'cannot use key "titel": it means nothing here')
  t.is(mistake?.nearest, 'title')
})

test('a misspelt key is not missing too', (t) => {
  t.is(mistakesOf('titel: a\nsummary: b\nnodes: { host: {} }\nsteps: [{ name: a, on: host, run: x }]\n').length, 1)
})

test('a merge key is refused with what to write, and what it would give is not said to be missing', (t) => {
  const [mistake, ...more] = diagnosticsOf(
    withSteps(
      '  - &one { name: a, on: host, run: x }\n  - { <<: *one, name: b }\n  - { <<: [*one], name: c, run: y }\n',
    ),
  )
  t.is(mistake?.message, 'cannot merge by "<<": a lab file has no merge keys')
  t.regex(mistake?.hint ?? '', /write the keys out/)
  t.deepEqual(
    more.map(({ message }) => message),
    ['cannot merge by "<<": a lab file has no merge keys'],
  )
})
