import { join } from 'node:path'
import test from 'ava'
import { diagnosticsOf, withSteps } from '../../testing/test-labs.ts'
import { type Diagnostic, renderDiagnostics } from './diagnostics.ts'

const file = join(process.cwd(), 'labs/x/lab.yaml')
const diagnostic: Diagnostic = {
  message: 'cannot use key "nam": it means nothing here',
  hint: 'expected name or id',
  nearest: 'name',
  file,
  place: { line: 12, column: 5, length: 3, text: '  - nam: x' },
  variants: ['a', 'b'],
}

test('a diagnostic shows the place, the line with a caret, and what to do', (t) => {
  t.is(
    renderDiagnostics([diagnostic]),
    `labs/x/lab.yaml:12:5: cannot use key "nam": it means nothing here
  12 |   - nam: x
     |     ^^^
     | did you mean "name"?
     | expected name or id
     | in variants a, b`,
  )
})

test('a diagnostic of the whole file shows no line', (t) => {
  t.is(renderDiagnostics([{ message: 'cannot read it', hint: 'try', file }]), 'labs/x/lab.yaml: cannot read it\n  try')
})

test('colour is there only when it is asked for', (t) => {
  t.false(renderDiagnostics([diagnostic]).includes('\u001b'))
  t.true(renderDiagnostics([diagnostic], true).includes('\u001b'))
})

test('a file cannot speak to the terminal', (t) => {
  const place = { line: 1, column: 1, length: 1, text: '\u001b]0;x\u0007a' }
  t.is(
    renderDiagnostics([{ message: 'a\u001b[2Jb', file, place }])
      .replaceAll('\n', '')
      .search(/\p{Cc}/u),
    -1,
  )
})

test('a long line is cut around the mistake', (t) => {
  const place = { line: 1, column: 501, length: 900, text: `${'a'.repeat(500)}${'b'.repeat(900)}` }
  const [, line, caret] = renderDiagnostics([{ message: 'x', file, place }]).split('\n')
  t.true((line ?? '').length < 125)
  t.is(line?.indexOf('b'), caret?.indexOf('^'))
})

test('a tab before the mistake keeps the caret in its column', (t) => {
  const place = { line: 1, column: 3, length: 1, text: 'a\tb' }
  t.is(renderDiagnostics([{ message: 'x', file, place }]).split('\n')[2], '    |  \t^')
})

test('mistakes come in the order of the file', (t) => {
  const lines = diagnosticsOf(withSteps('  - { name: a, run: x }\n  - { name: 5 }\n', 'foo: bar')).map(
    ({ place }) => place?.line,
  )
  t.deepEqual(lines, [6, 8, 9])
})
