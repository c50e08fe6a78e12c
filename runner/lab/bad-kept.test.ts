import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { diagnosticsOf, mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

const keeps = '  - { name: a, on: host, run: wg genkey, keep: { key: .+, mac: "ether (\\\\S+)" } }\n'
const after = (step: string) => mistakesOf(withSteps(`${keeps}  - { name: b, ${step} }\n`))

/** The mistakes in an expectation that may have kept values, by the real assertions. */
function claimed(expectation: string): readonly string[] {
  const folder = writeFolder({ 'lab.yaml': withSteps(`${keeps}  - { name: b, expect: [${expectation}] }\n`) })
  return (loadLab(folder, assertions).diagnostics ?? []).map(({ message }) => message)
}

test('a kept value stands in the commands of later steps', (t) => {
  t.deepEqual(after('on: host, run: "wg set wg0 peer {{kept.key}}"'), [])
  t.deepEqual(after('on: host, start: { id: p, run: "cat {{kept.key}}" }'), [])
})

test('a value that no step before keeps is told, with the nearest', (t) => {
  const [mistake, ...more] = diagnosticsOf(
    withSteps(`${keeps}  - { name: b, on: host, run: "wg set wg0 peer {{kept.kei}}" }`),
  )
  t.is(mistake?.message, 'cannot fill in {{kept.kei}}: no step before this one keeps it')
  t.is(mistake?.nearest, 'key')
  t.deepEqual(more, [])
  const own = withSteps('  - { name: a, on: host, run: "echo {{kept.key}}", keep: { key: .+ } }')
  t.regex(mistakesOf(own)[0] ?? '', /8:\d+ cannot fill in \{\{kept.key\}\}: no step before/)
})

test('what a step keeps its own expectations have', (t) => {
  const text = withSteps(
    '  - { name: a, on: host, run: x, keep: { key: .+ }, expect: [{ output: { on: host, command: "cat {{kept.key}}", prints: "{{kept.key}}" } }] }',
  )
  t.deepEqual(mistakesOf(text), [])
})

test('a kept value that a copied file wants and nothing keeps is told with the file', (t) => {
  const step = `${keeps}  - { name: b, on: host, copy: { /etc/wg.conf: wg.conf }, run: x }\n`
  t.deepEqual(mistakesOf(withSteps(step), { 'wg.conf': 'PublicKey = {{kept.key}}\n' }), [])
  t.regex(
    mistakesOf(withSteps(step), { 'wg.conf': 'PublicKey = {{kept.kex}}\n' })[0] ?? '',
    /cannot fill in \{\{kept.kex\}\}: no step before this one keeps it \(in wg.conf\)/,
  )
})

test('a kept value stands in no name, event or file name: those are known before', (t) => {
  for (const step of [
    'on: host, run: x, why: "{{kept.key}}"',
    'on: "{{kept.key}}", run: x',
    'on: host, run: x, keep: { other: "{{kept.key}}" }',
    'expect: [{ ping: { from: host, to: peer, is: reachable }, name: "{{kept.key}}" }]',
  ])
    t.regex(after(step).join('\n'), /cannot fill in \{\{kept.key\}\} here/, step)
})

test('an expectation takes a kept value where it takes a text, an address or a number', (t) => {
  for (const expectation of [
    '{ ping: { from: host, to: "{{kept.key}}", is: reachable } }',
    '{ route: { on: host, to: "{{kept.key}}", via: "{{kept.mac}}" } }',
    '{ learned-mac: { bridge: "host:br0", of: "{{kept.mac}}" } }',
    '{ link: { on: "host:{{kept.key}}", has: { address: "{{kept.mac}}" } } }',
    '{ output: { on: host, command: "cat {{kept.key}}", equals: "{{kept.key}}" } }',
    '{ connect: { from: host, to: peer, port: "{{kept.key}}", is: accepted } }',
  ])
    t.deepEqual(claimed(expectation), [], expectation)
})

test('an expectation takes no kept value in the place of what the lab declares, nor for a word of its own', (t) => {
  t.regex(
    claimed('{ ping: { from: "{{kept.key}}", to: peer, is: reachable } }')[0] ?? '',
    /cannot use a kept value as a node/,
  )
  t.regex(
    claimed('{ ping: { from: host, to: peer, is: "{{kept.key}}" } }')[0] ?? '',
    /expected reachable, unreachable or not-sent/,
  )
  t.regex(claimed('{ ping: { from: host, to: peer, is: reachable, within: "{{kept.key}}" } }')[0] ?? '', /a duration/)
})

test('what is kept is named by a pattern that can be read', (t) => {
  const keep = (pattern: string) =>
    mistakesOf(withSteps(`  - { name: a, on: host, run: x, keep: { k: "${pattern}" } }`))
  t.regex(keep('(a')[0] ?? '', /cannot use "\(a" as k: expected a JavaScript regular expression: Unterminated group/)
  t.deepEqual(keep('(a)b'), [])
  t.regex(after('keep: { k: x }, expect: [{ ping: { from: host, to: peer, is: reachable } }]')[0] ?? '', /"keep" alone/)
})
