import test from 'ava'
import { parseYaml, plainOf } from './yaml-tree.ts'

function plain(text: string) {
  const { tree, mistakes } = parseYaml(text)
  return { value: tree === undefined ? undefined : plainOf(tree), mistakes: mistakes.map(({ message }) => message) }
}

test('scalars have the types of the core schema, quoted ones are text', (t) => {
  t.deepEqual(plain('[1, 1.10, true, ~, "1", off, !!str 7, text]').value, [1, 1.1, true, null, '1', 'off', '7', 'text'])
})

test('keys are text, whatever they look like', (t) => {
  t.deepEqual(plain('{1: a, true: b}').value, { 1: 'a', true: 'b' })
})

test('an alias repeats what its anchor marks', (t) => {
  t.deepEqual(plain('a: &x [1]\nb: *x'), { value: { a: [1], b: [1] }, mistakes: [] })
})

test('an alias to nothing, or to what it stands in, is a mistake', (t) => {
  t.regex(plain('a: *x').mistakes[0] ?? '', /nothing before it is marked &x/)
  t.regex(plain('a: &x [*x]').mistakes[0] ?? '', /nothing before it is marked &x/)
})

test('aliases of aliases do not blow up', (t) => {
  const bomb = Array.from({ length: 30 }, (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : Array(9).fill(`*a${n - 1}`)}]`)
  t.regex(plain(bomb.join('\n')).mistakes[0] ?? '', /too large once its aliases/)
})

test('deep nesting is refused', (t) => {
  t.regex(plain('['.repeat(500)).mistakes[0] ?? '', /nesting/)
})

test('a key stands once in a mapping', (t) => {
  t.deepEqual(plain('a: 1\nb: 2\na: 3').mistakes, ['cannot use key "a" twice in one mapping'])
})

test('keys that mean something to JavaScript are harmless', (t) => {
  t.deepEqual(plain('__proto__: { polluted: 1 }').mistakes, ['cannot use key "__proto__": the name is reserved'])
  t.deepEqual(plain('constructor: 1').value, { constructor: 1 })
})

test('tags and keys that are no words are refused', (t) => {
  t.regex(plain('a: !!set {b}').mistakes[0] ?? '', /cannot use tag !!set/)
  t.regex(plain('? [a]\n: b').mistakes[0] ?? '', /a key is a word/)
})

test('a second document is refused', (t) => {
  t.regex(plain('a: 1\n---\nb: 2').mistakes[0] ?? '', /second document/)
})

test('a placeholder without quotes is explained and read as text', (t) => {
  const { value, mistakes } = plain('a: {{mode}}\nb: [ {{x}} ]')
  t.deepEqual(value, { a: '{{mode}}', b: ['{{x}}'] })
  t.is(mistakes.length, 2)
})
