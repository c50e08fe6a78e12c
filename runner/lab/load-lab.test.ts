import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { assertions } from '../../assertions/index.ts'
import { valueIn } from '../steps/actions/action.ts'
import { copy } from '../steps/actions/copy.ts'
import { run } from '../steps/actions/run.ts'
import { fakeTable, labOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { caseNames } from './case-names.ts'
import type { Step } from './lab.ts'
import { loadLab } from './load-lab.ts'

const scriptOf = (step: Step | undefined) => step && valueIn(step, run)?.text

test('a lab without variants has one, named default', (t) => {
  const lab = labOf(withSteps('  - { name: one, on: host, run: "true" }'))
  t.deepEqual(
    lab.variants.map(({ name }) => name),
    ['default'],
  )
  t.is(lab.title, 'A test')
})

test('a folder and its file are the same lab, named after the folder', (t) => {
  const folder = writeFolder({ 'My lab/lab.yaml': withSteps('  - { name: one, on: host, run: "true" }') })
  const byFolder = loadLab(join(folder, 'My lab'), fakeTable)
  const { makeMutants: _, findLacks: __, ...lab } = loadLab(join(folder, 'My lab/lab.yaml'), fakeTable).lab ?? {}
  t.like(byFolder, { lab })
  t.is(byFolder.lab?.name, 'my-lab')
})

test('another file is named after itself', (t) => {
  const folder = writeFolder({ 'try.yaml': withSteps('  - { name: one, on: host, run: "true" }') })
  t.is(loadLab(join(folder, 'try.yaml'), fakeTable).lab?.name, 'try')
})

test('a claim asks in the words of the lab, else by its name where its own words quote a command', (t) => {
  const command = 'output: { on: host, command: bridge link, contains: x }'
  const table = 'reachability: { host: { peer: reachable, "10.0.0.9": unreachable } }'
  const claims = [
    `{ ${command} }`,
    `{ name: x is a port, ${command} }`,
    `{ name: x is a port, question: "Which ports?", answer: "Only x, in {{where}}.", ${command} }`,
    `{ name: the two, ${table} }`,
    `{ name: who reaches whom, ${table} }`,
  ]
  const folder = writeFolder({
    'lab.yaml': withSteps(`  - { name: a, expect: [${claims.join(', ')}] }`, 'values: { where: br0 }'),
  })
  const { lab } = loadLab(join(folder, 'lab.yaml'), assertions)
  t.deepEqual(
    lab?.variants[0]?.steps[0]?.expectations.map(({ question, answer }) => [question, answer]),
    [
      ['What will "bridge link" on host print?', undefined],
      ['True or not: x is a port?', undefined],
      ['Which ports?', 'Only x, in br0.'],
      ['Who will reach whom (the two)? Fill in the table.', undefined],
      ['Who will reach whom? Fill in the table.', undefined],
    ],
  )
})

test('steps keep their place in the list when variants leave some out', (t) => {
  const lab = labOf(
    withSteps(
      '  - { name: a, only-in: [x], on: host, run: a }\n  - { name: b, not-in: [x], on: host, run: b }\n  - { name: c, on: host, run: c }',
      'variants: { x: {}, y: {} }',
    ),
  )
  t.deepEqual(
    lab.variants.map(({ steps }) => steps.map(({ index, name }) => [index, name])),
    [
      [
        [0, 'a'],
        [2, 'c'],
      ],
      [
        [1, 'b'],
        [2, 'c'],
      ],
    ],
  )
})

test('values of a variant win over those of the lab, and may be made of others', (t) => {
  const lab = labOf(
    withSteps(
      '  - { name: "in {{b}}", on: host, run: "echo {{a}} {{b}}" }',
      'values: { a: up, b: "{{a}}-1" }\nvariants: { x: {}, y: { a: down } }',
    ),
  )
  t.deepEqual(
    lab.variants.map(({ steps, values }) => [steps[0]?.name, scriptOf(steps[0]), values]),
    [
      ['in up-1', 'echo up up-1', { a: 'up', b: 'up-1' }],
      ['in down-1', 'echo down down-1', { a: 'down', b: 'down-1' }],
    ],
  )
})

test('a value that is no plain word is quoted for the shell, and only there', (t) => {
  const lab = labOf(
    withSteps(
      `  - name: say {{a}}
    on: host
    run: echo {{a}}
    expect:
      - output: { on: host, command: "echo {{a}}", prints: "{{a}}" }
`,
      `values: { a: "it's; reboot" }`,
    ),
  )
  const step = lab.variants[0]?.steps[0]
  const quoted = `echo 'it'\\''s; reboot'`
  t.is(step?.name, "say it's; reboot")
  t.is(scriptOf(step), quoted)
  t.deepEqual(step?.expectations[0]?.parameters, { on: 'host', command: quoted, prints: "it's; reboot" })
})

test('a placeholder that stands for a number or a boolean becomes one where it must', (t) => {
  const lab = labOf(
    withSteps(
      '  - name: a\n    expect:\n      - ping: { from: host, to: 10.0.0.9, is: "{{r}}", size: "{{n}}" }',
      'values: { n: "10", r: reachable }',
    ),
  )
  t.deepEqual(lab.variants[0]?.steps[0]?.expectations[0]?.parameters, {
    from: 'host',
    to: '10.0.0.9',
    is: 'reachable',
    size: 10,
  })
})

test('what looks like a template of another kind stays as it is', (t) => {
  const run = "docker inspect -f '{{.Id}}' {{Upper}}"
  t.is(scriptOf(labOf(withSteps(`  - { name: a, on: host, run: "${run}" }`)).variants[0]?.steps[0]), run)
})

test('times stand among the parameters of an expectation and have defaults', (t) => {
  const lab = labOf(
    withSteps(`  - name: a
    expect:
      - ping: { from: host, to: peer, is: reachable }
      - ping: { from: host, to: peer, is: unreachable }
      - ping: { from: host, to: peer, is: reachable, within: 500ms, for: 3s }
      - reachability: { host: { peer: reachable }, within: 2m }
`),
  )
  t.deepEqual(
    lab.variants[0]?.steps[0]?.expectations.map(({ withinMs, forMs }) => [withinMs, forMs]),
    [
      [5000, 0],
      [0, 0],
      [500, 3000],
      [120_000, 0],
    ],
  )
})

test('names of cases are unique in the variant, and a refusal is a case', (t) => {
  const expectation = '      - ping: { from: host, to: peer, is: reachable }\n'
  const lab = labOf(
    withSteps(
      `  - name: a\n    on: host\n    run: "false"\n    refused: "no"\n    expect:\n${expectation}${expectation}      - name: it works\n        ping: { from: host, to: peer, is: reachable }\n`,
    ),
  )
  const step = lab.variants[0]?.steps[0]
  t.deepEqual(step && caseNames(step), [
    'a: is refused',
    'a: host reaches peer',
    'a: host reaches peer (2)',
    'a: it works',
  ])
  t.like(step?.actions[0]?.cases[0], { assertion: 'refused', wanted: 'refused with "no"', refused: 'no' })
})

test('commands that nobody answers have no answer, and are not refused', (t) => {
  const claimOf = (said: string) => {
    const lab = labOf(withSteps(`  - { name: a, on: host, run: x, refused: '${said}' }\n`))
    return lab.variants[0]?.steps.flatMap(caseNames)[0]
  }
  for (const said of ['Received 0 response', '3 packets transmitted, 0 received', '100% packet loss'])
    t.is(claimOf(said), 'a: has no answer', said)
  for (const said of ['10 received', 'Invalid argument', 'message too long, mtu=1450'])
    t.is(claimOf(said), 'a: is refused', said)
})

test('a step is limited to a minute unless it says otherwise', (t) => {
  const lab = labOf(withSteps('  - { name: a, on: host, run: x }\n  - { name: b, on: host, run: x, timeout: 2m }'))
  t.deepEqual(
    lab.variants[0]?.steps.map((step) => valueIn(step, run)?.timeoutMs),
    [60_000, 120_000],
  )
})

test('a capture at the end of a cable means the cable, unless the lab says nic', (t) => {
  const lab = labOf(
    withSteps(
      '  - { name: a, on: host, run: x, capture: { a: "host:eth1", b: { nic: "host:eth1" }, c: "host:br0", d: { cable: "peer:eth1" } } }',
      'links: [{ endpoints: ["host:eth1", "peer:eth1"] }]',
    ),
  )
  t.deepEqual(lab.variants[0]?.steps[0]?.captures, [
    { name: 'a', node: 'host', nic: 'eth1', where: 'cable' },
    { name: 'b', node: 'host', nic: 'eth1', where: 'nic' },
    { name: 'c', node: 'host', nic: 'br0', where: 'nic' },
    { name: 'd', node: 'peer', nic: 'eth1', where: 'cable' },
  ])
})

test('text files are copied with their values, other files as they are', (t) => {
  const bytes = new Uint8Array([0, 255, 123, 123, 97, 125, 125])
  const lab = labOf(
    withSteps('  - { name: a, on: host, copy: { /etc/x.conf: x.conf, /bin/y: sub/y } }', 'values: { a: "two words" }'),
    { 'x.conf': 'say "{{a}}"\n', 'sub/y': bytes },
  )
  const [step] = lab.variants[0]?.steps ?? []
  const [text, binary] = (step && valueIn(step, copy)) ?? []
  t.is(new TextDecoder().decode(text?.content), 'say "two words"\n')
  t.deepEqual(binary, { to: '/bin/y', from: 'sub/y', content: bytes, template: bytes })
})

test('a link inside the folder of the lab may be copied', (t) => {
  const folder = writeFolder({
    'lab.yaml': withSteps('  - { name: a, on: host, copy: { /etc/x: link } }'),
    real: 'content',
  })
  symlinkSync('real', join(folder, 'link'))
  t.is(loadLab(folder, fakeTable).diagnostics, undefined)
})

test('a byte order mark and the line ends of Windows change nothing', (t) => {
  const text = withSteps('  - name: a\n    on: host\n    run: |\n      one\n      two\n')
  const lab = labOf(`\uFEFF${text.replaceAll('\n', '\r\n')}`)
  t.is(scriptOf(lab.variants[0]?.steps[0]), 'one\ntwo\n')
  t.deepEqual({ ...lab.variants[0]?.steps[0]?.source, file: '' }, { file: '', line: 8, column: 5 })
})

test('memory and namespaces reach the lab', (t) => {
  const text = withSteps('  - { name: a, on: ns, run: x }').replace(
    'host: {}',
    'host: { memory: 2G }\n  ns: { namespace-of: host }',
  )
  t.deepEqual(labOf(text).variants[0]?.nodes, [
    { name: 'host', memoryMiB: 2048 },
    { name: 'ns', namespaceOf: 'host' },
    { name: 'peer', address: '10.0.0.2' },
  ])
})
