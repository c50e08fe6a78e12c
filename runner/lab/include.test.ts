import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { valueIn } from '../steps/actions/action.ts'
import { copy } from '../steps/actions/copy.ts'
import { run } from '../steps/actions/run.ts'
import { fakeTable, labOf, mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import type { Lab } from './lab.ts'
import { loadLab } from './load-lab.ts'
import type { Diagnostic } from './text/diagnostics.ts'

const stepsOf = (lab: Lab) => lab.variants[0]?.steps ?? []
const scriptsOf = (lab: Lab) => stepsOf(lab).map((step) => valueIn(step, run)?.text)
const shown = ({ file, place, message, hint }: Diagnostic) =>
  [`${file.split('/').slice(-2).join('/')}:${place?.line}:${place?.column}`, message, ...(hint ? [hint] : [])].join(' ')

/** A lab in labs/x of a repository with other files. */
const inRepository = (text: string, files: Readonly<Record<string, string>>) =>
  loadLab(join(writeFolder({ 'labs/x/lab.yaml': text, '.git/config': '', ...files }), 'labs/x'), fakeTable)
const mistakesIn = (text: string, files: Readonly<Record<string, string>>) =>
  (inRepository(text, files).diagnostics ?? []).map(shown)

const up = '- { name: "{{node}} up", id: "up-{{node}}", on: "{{node}}", run: "ip link set {{node}} {{how}}" }\n'

test('steps of another file are done where it is included, with values of that place and of the lab', (t) => {
  const lab = labOf(
    withSteps(
      `  - { name: first, on: host, run: one }
  - { include: up.yaml, with: { node: host } }
  - { include: up.yaml, with: { node: peer, how: "{{other}}" } }
  - { name: last, on: host, run: two }`,
      'values: { how: up, other: down }',
    ),
    { 'up.yaml': up },
  )
  t.deepEqual(scriptsOf(lab), ['one', 'ip link set host up', 'ip link set peer down', 'two'])
  t.deepEqual(
    stepsOf(lab).map(({ index, name, id, node, source }) => [index, name, id, node, source.file.split('/').at(-1)]),
    [
      [0, 'first', undefined, 'host', 'lab.yaml'],
      [1, 'host up', 'up-host', 'host', 'up.yaml'],
      [2, 'peer up', 'up-peer', 'peer', 'up.yaml'],
      [3, 'last', undefined, 'host', 'lab.yaml'],
    ],
  )
  t.deepEqual(
    lab.included.map((file) => file.split('/').at(-1)),
    ['up.yaml'],
  )
})

test('a file is included once for each item, and files that it includes have its values', (t) => {
  const lab = labOf(
    withSteps('  - { include: both.yaml, each: { a: { way: "up" }, b: { way: "down" } }, with: { how: "{{way}}" } }'),
    {
      'both.yaml':
        '- { include: one.yaml, with: { node: host } }\n- { name: "done", on: host, run: "echo {{each}}" }\n',
      'one.yaml': '- { name: link, id: link, on: "{{node}}", run: "set {{node}} {{how}}" }\n',
    },
  )
  t.deepEqual(
    stepsOf(lab).map(({ name, id }) => [name, id]),
    [
      ['link (a)', 'link'],
      ['done (a)', undefined],
      ['link (b)', 'link'],
      ['done (b)', undefined],
    ],
  )
  t.deepEqual(scriptsOf(lab), ['set host up', 'echo a', 'set host down', 'echo b'])
})

test('files that included steps copy are seen from their file', (t) => {
  const { lab } = inRepository(withSteps('  - include: ../../common/bird.yaml\n    with: { id: "1" }'), {
    'common/bird.yaml': '- { name: copied, on: host, copy: { /b: conf/bird } }\n',
    'common/conf/bird': 'id {{id}}',
  })
  const [step] = lab === undefined ? [] : stepsOf(lab)
  const [file] = (step && valueIn(step, copy)) ?? []
  t.is(new TextDecoder().decode(file?.content), 'id 1')
  t.true(lab?.copied[0]?.endsWith('/common/conf/bird'))
  t.deepEqual(
    lab?.makeMutants().map(({ name, place }) => [name, place.file.split('/').slice(-2).join('/')]),
    [
      ['copied: left out', 'common/bird.yaml'],
      ['conf/bird: "1" -> "2" in "id {{id}}"', 'conf/bird'],
    ],
  )
})

test("the lab's own file has its name in the lab's folder also where an included step copies it", (t) => {
  const include = '  - include: ../../common/own.yaml\n    with: { lab: x }'
  const { lab } = inRepository(withSteps(include), {
    'common/own.yaml': '- { name: copied, on: host, copy: { /b: "../labs/{{lab}}/own.conf" } }\n',
    'labs/x/own.conf': 'id 1',
  })
  const [step] = lab === undefined ? [] : stepsOf(lab)
  t.deepEqual(
    (step && valueIn(step, copy))?.map(({ from }) => from),
    ['own.conf'],
  )
})

test('mistakes, cases and mutants of included steps have the place in their file', (t) => {
  const common = `# shared\n- name: shared\n  id: shared\n  on: host\n  run: |\n    one x\n    two y\n  expect:\n    - ping: { from: host, to: PEER, is: reachable }\n`
  const steps = withSteps('  - include: ../../common/a.yaml\n  - { name: own, on: hots, run: x }')
  t.deepEqual(mistakesIn(steps, { 'common/a.yaml': common.replace('PEER', 'pear') }), [
    'x/lab.yaml:9:22 cannot run on "hots": no node has this name the nodes are host, peer',
    'common/a.yaml:9:31 cannot judge "pear": no node has this name the nodes are host, peer',
  ])
  const { lab } = inRepository(steps.replace('hots', 'host'), { 'common/a.yaml': common.replace('PEER', 'peer') })
  const [step] = lab === undefined ? [] : stepsOf(lab)
  t.like(step?.expectations[0]?.source, { line: 9, column: 7 })
  t.deepEqual(
    lab?.makeMutants().map(({ name, place }) => [name, place.file.split('/').at(-1), place.line, place.text]),
    [
      ['shared: left out', 'a.yaml', 2, '- name: shared'],
      ['shared: without "one x"', 'a.yaml', 6, '    one x'],
      ['shared: without "two y"', 'a.yaml', 7, '    two y'],
      ['own: left out', 'lab.yaml', 9, '  - { name: own, on: host, run: x }'],
    ],
  )
})

test('mutations reach steps that are included, and values that they are included with', (t) => {
  const lab = labOf(
    withSteps(
      '  - { include: up.yaml, with: { node: "{{which}}", how: up } }\n  - { name: end, on: host, run: x, expect: [ { ping: { from: host, to: peer, is: reachable } } ] }',
      `values: { which: host }
mutations:
  - { name: not up, without: up-host, caught-by: [end] }
  - { name: another, values: { which: peer }, caught-by: [end] }`,
    ),
    { 'up.yaml': up },
  )
  t.deepEqual(
    lab.mutations.map(({ name, trials }) => [name, trials[0]?.variant.steps.map(({ node }) => node)]),
    [
      ['not up', ['host']],
      ['another', ['peer', 'host']],
    ],
  )
})

test('what can not be included is said where it stands, and nothing else of the lab', (t) => {
  const refused = (entry: string, files: Readonly<Record<string, string>> = {}) =>
    mistakesIn(withSteps(`  - ${entry}\n  - { name: own, on: host, stop: shared }`), files)
  t.deepEqual(refused('include: nothing.yaml'), [
    'x/lab.yaml:8:14 cannot include "nothing.yaml": there is no such file',
  ])
  t.deepEqual(refused('include: ../../../else.yaml'), [
    'x/lab.yaml:8:14 cannot include "../../../else.yaml": it lies outside of the folder of the lab, and of its repository put it beside the lab file',
  ])
  t.regex(refused('{ include: a.yaml, wiht: {} }').join(), /lab.yaml:8:24 cannot use key "wiht"/)
  t.regex(refused('include: "{{which}}.yaml"').join(), /lab.yaml:8:15 .*as it is/)
  t.deepEqual(refused('include: a.yaml', { 'labs/x/a.yaml': 'steps: []\n' }), [
    'x/a.yaml:1:1 cannot include this file: expected a list of steps begin each step with "- name:"',
  ])
  t.deepEqual(refused('include: a.yaml', { 'labs/x/a.yaml': '' }), [
    'x/a.yaml:1:1 cannot include this file: expected a list of steps begin each step with "- name:"',
  ])
  t.regex(refused('include: a.yaml', { 'labs/x/a.yaml': '- name: x\n  name: y\n' }).join(), /^x\/a.yaml:2:3 /)
})

test('files that include each other in a circle, too deep or too often are refused', (t) => {
  const one = withSteps('  - include: a.yaml')
  t.deepEqual(mistakesIn(one, { 'labs/x/a.yaml': '- include: b.yaml\n', 'labs/x/b.yaml': '- include: a.yaml\n' }), [
    'x/b.yaml:1:12 cannot include "a.yaml": it includes itself: a.yaml → b.yaml → a.yaml',
  ])
  t.regex(mistakesIn(one, { 'labs/x/a.yaml': '- include: lab.yaml\n' }).join(), /lab.yaml → a.yaml → lab.yaml/)
  const chain = Array.from({ length: 12 }, (_, at) => [`labs/x/${at}.yaml`, `- include: ${at + 1}.yaml\n`] as const)
  t.deepEqual(mistakesIn(withSteps('  - include: 0.yaml'), Object.fromEntries(chain)), [
    'x/7.yaml:1:12 cannot include "8.yaml": files include each other more than 8 deep',
  ])
  const many = '- include: b.yaml\n'.repeat(100)
  const bomb = { 'labs/x/a.yaml': many, 'labs/x/b.yaml': many.replaceAll('b', 'c'), 'labs/x/c.yaml': '[]' }
  t.regex(mistakesIn(one, bomb)[0] ?? '', /cannot use more than 2000 steps/)
})

test('no link leads an include out of the repository', (t) => {
  const outside = writeFolder({ 'secret.yaml': '- secret: 1\n' })
  const root = writeFolder({ '.git/config': '', 'labs/x/lab.yaml': withSteps('  - include: ../../common/a.yaml') })
  mkdirSync(join(root, 'common'))
  symlinkSync(join(outside, 'secret.yaml'), join(root, 'common/a.yaml'))
  t.regex((loadLab(join(root, 'labs/x'), fakeTable).diagnostics ?? []).map(shown).join(), /outside of the folder/)
})

test('a value that included steps alone use is used, and one with which nothing is done is said', (t) => {
  t.deepEqual(
    mistakesOf(withSteps('  - { include: up.yaml, with: { node: host, hwo: up } }', 'values: { how: up }'), {
      'up.yaml': up,
    }),
    ['8:45 cannot find a use of value "hwo"'],
  )
})
