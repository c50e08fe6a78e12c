import test from 'ava'
import { valueIn } from '../steps/actions/action.ts'
import { copy } from '../steps/actions/copy.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../testing/test-labs.ts'

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('')
const step = '  - { name: a, on: host, run: x }\n'

test('the first 50 mistakes are shown, in the order of the file, and how many more there are', (t) => {
  const found = diagnosticsOf(withSteps(many(120, (index) => `  - { name: s${index}, on: nobody, run: x }\n`)))
  t.is(found.length, 51)
  t.deepEqual(
    found.slice(0, 50).map(({ place }) => place?.line),
    Array.from({ length: 50 }, (_, index) => 8 + index),
  )
  t.is(found[50]?.message, 'cannot show all mistakes: there are 70 more')
})

test('values that multiply are refused at the value that grows too large', (t) => {
  const row = (name: string) => `"${`{{${name}}}`.repeat(60)}"`
  const values = `values: { a: "${'x'.repeat(100)}", b: ${row('a')}, c: ${row('b')}, d: ${row('c')}, e: ${row('d')} }`
  t.true(
    mistakesOf(withSteps('  - { name: a, on: host, run: "echo {{e}}" }\n', values)).some((it) =>
      /value "c": it grows beyond/.test(it),
    ),
  )
})

test('a chain of values has an end', (t) => {
  const values = `values:\n${many(2000, (index) => `  v${index}: "{{v${index + 1}}}"\n`)}  v2000: x`
  t.regex(
    mistakesOf(withSteps('  - { name: a, on: host, run: "echo {{v0}}" }\n', values)).join('\n'),
    /more than 50 values hold each other/,
  )
})

test('what values come to in all texts together is bounded', (t) => {
  const values = `values: { a: "${'x'.repeat(4000)}" }`
  const texts = many(300, (index) => `  - { name: s${index}, on: host, run: "${'echo {{a}} '.repeat(100)}" }\n`)
  t.regex(mistakesOf(withSteps(texts, values)).join('\n'), /cannot fill in all values/)
})

test('a file is read once, and filled in once, however often it is copied', (t) => {
  const steps = many(
    20,
    (index) => `  - { name: s${index}, on: host, copy: { /a: big, /b: text }, run: "echo {{v}}" }\n`,
  )
  const lab = labOf(withSteps(steps, 'values: { v: x }'), { big: 'x'.repeat(1000), text: '{{v}}' })
  const contents =
    lab.variants[0]?.steps.flatMap((each) => (valueIn(each, copy) ?? []).map(({ content }) => content)) ?? []
  t.is(contents.length, 40)
  t.is(new Set(contents).size, 2)
})

test('an unknown value in a file is told once, with its first line', (t) => {
  const found = mistakesOf(withSteps('  - { name: s, on: host, copy: { /a: text }, run: "echo" }\n'), {
    text: '\n{{c}}\n{{c}}\n{{d}}',
  })
  t.deepEqual(
    found.map((message) => /\(text, line \d\)/.exec(message)?.[0]),
    ['(text, line 2)', '(text, line 4)'],
  )
})

test('variants and mutations that are too many for the size of the file are refused', (t) => {
  const variants = `variants:\n${many(2000, (index) => `  v${index}: {}\n`)}`
  t.regex(mistakesOf(withSteps(step, variants))[0] ?? '', /cannot check the lab: 2000 variants/)
  const steps = many(1000, (index) => `  - { name: s${index}, id: i${index}, on: host, run: "x {{a}}" }\n`)
  const mutations = many(1000, (index) => `  - { name: m${index}, values: { a: c }, caught-by: [i9] }\n`)
  t.regex(
    mistakesOf(`${withSteps(steps, 'values: { a: b }')}mutations:\n${mutations}`)[0] ?? '',
    /1000 mutations that change values/,
  )
})

test('of many names a hint shows the first', (t) => {
  const nodes = many(100, (index) => `  n${index}: {}\n`)
  const [mistake] = diagnosticsOf(`title: t\nsummary: s\nnodes:\n${nodes}steps:\n  - { name: a, on: nx, run: x }\n`)
  t.regex(String(mistake?.hint), /^the nodes are n0, n1, .* and 80 more$/)
})

test('a suggestion is looked for among what was known where the mistake stands', (t) => {
  const text = withSteps('  - { name: a, stop: agemt }\n  - { name: b, on: host, start: { id: agent, run: x } }\n')
  t.is(diagnosticsOf(text)[0]?.nearest, undefined)
})

test('steps of one name are counted', (t) => {
  const lab = labOf(withSteps(many(2000, () => '  - { name: s, on: host, run: x, refused: y }\n')))
  t.is(lab.variants[0]?.steps.at(-1)?.actions[0]?.cases[0]?.caseName, 's: is refused (2000)')
})
