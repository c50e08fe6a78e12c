import test from 'ava'
import { diagnosticsOf, mistakesOf, withSteps } from '../testing/test-labs.ts'

const step = (run: string) => `  - { name: a, on: host, run: '${run}' }\n`

test('an unknown value is told where it stands, with the nearest', (t) => {
  const [mistake] = diagnosticsOf(withSteps(step('echo {{mode}} {{mod}}'), 'values: { mode: x }'))
  t.is(mistake?.message, 'cannot fill in {{mod}}: no value has this name')
  t.is(mistake?.nearest, 'mode')
  t.is(mistake?.place?.column, 46)
})

test('a value that some variants lack is a mistake in these', (t) => {
  const [mistake] = diagnosticsOf(withSteps(step('echo {{mode}}'), 'variants: { a: { mode: x }, b: {}, c: {} }'))
  t.deepEqual(mistake?.variants, ['b', 'c'])
})

test('a mistake that is in all variants is told once, for all', (t) => {
  const found = diagnosticsOf(withSteps(step('echo {{mod}}'), 'variants: { a: {}, b: {} }'))
  t.is(found.length, 1)
  t.is(found[0]?.variants, undefined)
})

test('values that need each other go round in a circle', (t) => {
  t.deepEqual(mistakesOf(withSteps(step('echo {{a}}'), 'values: { a: "{{b}}", b: "{{c}}", c: "x{{b}}" }')), [
    '6:39 cannot fill in value "c": b → c → b goes round in a circle',
  ])
})

test('a value may not use an unknown one', (t) => {
  t.deepEqual(mistakesOf(withSteps(step('echo {{a}}'), 'values: { a: "{{b}}" }')), [
    '6:15 cannot fill in {{b}}: no value has this name',
  ])
})

test('a broken value breaks nothing else', (t) => {
  const text = withSteps(
    '  - name: a\n    expect: [{ ping: { from: host, to: peer, is: "{{a}}" } }]\n',
    'values: { a: "{{b}}" }',
  )
  t.is(mistakesOf(text).length, 1)
})

test('values are texts', (t) => {
  const [mistake] = diagnosticsOf(withSteps(step('echo {{a}}'), 'variants: { x: { a: 1.10 } }'))
  t.regex(mistake?.message ?? '', /expected text/)
  t.regex(String(mistake?.hint), /write "1\.10"/)
})

test('a value that is used nowhere is most likely misspelt', (t) => {
  const [mistake] = diagnosticsOf(
    withSteps(step('echo {{hairpin}}'), 'values: { hairpin: x }\nvariants: { v: { hairpn: y } }'),
  )
  t.is(mistake?.message, 'cannot find a use of value "hairpn"')
  t.is(mistake?.nearest, 'hairpin')
})

test('variants are a mapping with at least one', (t) => {
  t.regex(mistakesOf(withSteps(step('x'), 'variants: {}'))[0] ?? '', /there is none/)
  t.regex(mistakesOf(withSteps(step('x'), 'variants: [a]'))[0] ?? '', /expected a mapping/)
  t.regex(mistakesOf(withSteps(step('x'), 'variants: { A: {} }'))[0] ?? '', /cannot use variant name "A"/)
})

test('a value that is no plain word cannot be filled in where quoting does not hold', (t) => {
  const head = 'values: { a: "x; reboot", b: plain }'
  const scripts = ['echo "{{a}}"', 'echo ok # {{a}}', 'cat <<EOF\n      {{a}}\n      EOF']
  for (const script of scripts) {
    const text = withSteps(`  - name: a {{b}}\n    on: host\n    run: |\n      ${script}\n`, head)
    t.regex(mistakesOf(text).join(), /cannot fill in \{\{a\}\} inside (quotes|a comment|a here-document)/, script)
    t.deepEqual(mistakesOf(text.replaceAll('{{a}}', '{{b}}').replace('a: "x; reboot", ', '')), [])
  }
})

test('a placeholder with spaces is told, when its name is that of a value', (t) => {
  const [mistake] = diagnosticsOf(withSteps(step('echo {{ a }} {{a}} {{ .b }}'), 'values: { a: x }'))
  t.is(mistake?.message, 'cannot fill in {{ a }}: a placeholder has no spaces')
  t.is(mistake?.hint, 'write {{a}}')
})

test('a key cannot be filled in', (t) => {
  const text = withSteps(
    '  - name: a\n    expect: [{ reachability: { "{{a}}": { peer: reachable } } }]\n',
    'values: { a: host }',
  )
  t.regex(mistakesOf(text)[0] ?? '', /only a value can be filled in/)
})
