import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { diagnosticsOf, fakeTable, mistakesOf, withSteps, writeFolder } from '../testing/test-labs.ts'
import { loadLab } from './load-lab.ts'

const only = (step: string, head = '') => mistakesOf(withSteps(`  - { name: a, ${step} }\n`, head))

test('a lab has steps', (t) => {
  for (const steps of ['', 'steps:', 'steps: []']) {
    const text = withSteps('').replace('steps:\n', steps)
    t.regex(mistakesOf(text).join('\n'), /cannot run a lab without steps/)
  }
})

test('commands and files need a node', (t) => {
  t.deepEqual(only('run: x'), ['8:16 cannot run without a node: "on" is missing'])
  t.deepEqual(mistakesOf(withSteps('  - { name: a, copy: { /a: f } }'), { f: '' }), [
    '8:16 cannot copy without a node: "on" is missing',
  ])
})

test('commands run on a node that exists', (t) => {
  const [mistake] = diagnosticsOf(withSteps('  - { name: a, on: hots, run: x }'))
  t.is(mistake?.message, 'cannot run on "hots": no node has this name')
  t.is(mistake?.nearest, 'host')
})

test('a step does something', (t) => {
  t.deepEqual(only('why: so'), ['8:7 cannot run step "a": it does nothing'])
  t.regex(only('capture: { a: "host:eth1" }')[0] ?? '', /does nothing/)
  t.regex(only('on: host, expect: [{ ping: { from: host, to: peer, is: reachable } }]')[0] ?? '', /"on" alone/)
})

test('a refusal and a time limit belong to commands', (t) => {
  t.regex(only('refused: x, expect: [{ ping: { from: host, to: peer, is: reachable } }]')[0] ?? '', /"refused" alone/)
  t.regex(only('timeout: 5s, expect: [{ ping: { from: host, to: peer, is: reachable } }]')[0] ?? '', /"timeout" alone/)
})

test('a time limit is a duration', (t) => {
  t.regex(only('on: host, run: x, timeout: 5')[0] ?? '', /cannot use number 5 as timeout: expected a duration such as/)
  t.regex(only('on: host, run: x, timeout: 5h')[0] ?? '', /cannot use "5h" as timeout: expected a duration such as/)
})

test('an unknown key and a wrong type are both told, with what is valid', (t) => {
  const [unknown, type] = diagnosticsOf(withSteps('  - { name: a, on: host, runs: x, why: [so], run: x }'))
  t.is(unknown?.message, 'cannot use key "runs": it means nothing here')
  t.is(unknown?.nearest, 'run')
  t.is(type?.message, 'cannot use a list as why: expected text')
})

test('an answer belongs to a question, and neither holds what is kept', (t) => {
  const claim = 'expect: [{ ping: { from: host, to: peer, is: reachable } }]'
  t.deepEqual(only(`${claim}, answer: Yes.`), ['8:77 cannot answer what is not asked: the step has no question'])
  t.deepEqual(only(`${claim}, question: Why?, answer: So.`), [])
  t.regex(only(`${claim}, question: 7`)[0] ?? '', /cannot use number 7 as question: expected text/)
  t.regex(only(`${claim}, question: "What is {{kept.x}}?"`)[0] ?? '', /cannot fill in {{kept.x}} here/)
})

test('an id is used once', (t) => {
  t.deepEqual(
    mistakesOf(withSteps('  - { name: a, id: x, on: host, run: x }\n  - { name: b, id: x, on: host, run: x }')),
    ['9:20 cannot use id "x" twice: step 1 has it'],
  )
})

test('a name is one line without control characters', (t) => {
  t.regex(mistakesOf(withSteps('  - { name: "a\\nb", on: host, run: x }'))[0] ?? '', /expected one line of text/)
  t.regex(mistakesOf(withSteps('  - { name: "a\\e[1m", on: host, run: x }'))[0] ?? '', /expected one line of text/)
})

test('a file lies in the folder of the lab', (t) => {
  for (const path of ['../secret', '/etc/passwd', 'sub/../../secret', '.']) {
    t.regex(only(`on: host, copy: { /a: "${path}" }`)[0] ?? '', /it lies outside of the folder/, path)
  }
})

test('a link that leads out of the folder is followed no further', (t) => {
  const folder = writeFolder({ 'lab.yaml': withSteps('  - { name: a, on: host, copy: { /a: link } }') })
  symlinkSync('/etc/passwd', join(folder, 'link'))
  t.regex(loadLab(folder, fakeTable).diagnostics?.[0]?.message ?? '', /it lies outside of the folder/)
})

test('a folder that begins with the name of the lab’s folder is outside too', (t) => {
  const folder = writeFolder({
    'a/lab.yaml': withSteps('  - { name: a, on: host, copy: { /a: ../ab/f } }'),
    'ab/f': '',
  })
  t.regex(loadLab(join(folder, 'a'), fakeTable).diagnostics?.[0]?.message ?? '', /it lies outside of the folder/)
})

test('a file to copy exists, and is a file or has some', (t) => {
  t.regex(only('on: host, copy: { /a: nothing }')[0] ?? '', /there is no such file/)
  const folder = writeFolder({ 'lab.yaml': withSteps('  - { name: a, on: host, copy: { /a: pipe } }') })
  execFileSync('mkfifo', [join(folder, 'pipe')])
  t.regex(loadLab(folder, fakeTable).diagnostics?.[0]?.message ?? '', /it is no regular file/)
})

test('a file is copied to an absolute path', (t) => {
  for (const path of ['etc/x', '/etc/../x', '/etc/', '/']) {
    t.regex(only(`on: host, copy: { "${path}": f }`)[0] ?? '', /expected the absolute path of a file/, path)
  }
})

test('an unknown value in a copied file is told with its line', (t) => {
  const text = withSteps('  - { name: a, on: host, copy: { /a: f }, run: "echo {{mode}}" }', 'values: { mode: x }')
  const [mistake] = diagnosticsOf(text, { f: 'one\n{{mod}}\n' })
  t.is(mistake?.message, 'cannot fill in {{mod}}: no value has this name (f, line 2)')
  t.is(mistake?.nearest, 'mode')
})

test('a capture is on a node, and on a cable only where one is', (t) => {
  t.regex(only('on: host, run: x, capture: { a: "hots:eth1" }')[0] ?? '', /there is no node "hots"/)
  t.regex(only('on: host, run: x, capture: { a: { cable: "host:eth1" } }')[0] ?? '', /no link ends there/)
  t.regex(only('on: host, run: x, capture: { a: host }')[0] ?? '', /cannot use "host" as a: expected node:interface/)
})

test('a misspelt kind of capture is one mistake', (t) => {
  const [mistake, ...rest] = diagnosticsOf(
    withSteps('  - { name: a, on: host, run: x, capture: { a: { nc: "host:eth1" } } }'),
  )
  t.is(mistake?.nearest, 'nic')
  t.is(rest.length, 0)
})

test('steps are for variants that exist', (t) => {
  const variants = 'variants: { vepa: {}, bridge: {} }'
  const [mistake] = diagnosticsOf(withSteps('  - { name: a, on: host, run: x, not-in: [vpea] }', variants))
  t.is(mistake?.message, 'cannot find variant "vpea"')
  t.is(mistake?.nearest, 'vepa')
  t.regex(only('on: host, run: x, not-in: [vepa, bridge]', variants)[0] ?? '', /no variant has it/)
  t.regex(only('on: host, run: x, not-in: [vepa], only-in: [vepa]', variants)[0] ?? '', /one of them says it all/)
})

test('a process that is stopped was started by then', (t) => {
  const [mistake] = diagnosticsOf(
    withSteps('  - { name: a, on: host, start: { id: web, run: x } }\n  - { name: b, stop: wep }'),
  )
  t.is(mistake?.message, 'cannot stop "wep": neither this step nor one before it starts it')
  t.is(mistake?.nearest, 'web')
})

test('a process is started on a node, and says what it runs', (t) => {
  t.deepEqual(only('start: { id: web, run: x }'), ['8:16 cannot start without a node: "on" is missing'])
  t.regex(only('on: host, start: { id: web }')[0] ?? '', /cannot do without "run"/)
  t.regex(only('on: host, start: { id: web, run: x, "ready-port": 70000 }')[0] ?? '', /ready-port/)
})

test('a capture goes on until a later step', (t) => {
  const until = (id: string) =>
    mistakesOf(
      withSteps(
        `  - { name: a, id: one, on: host, run: x }\n  - { name: b, id: two, capture: { c: { nic: "host:eth1", until: ${id} } } }\n  - { name: c, id: three, on: host, run: x }`,
      ),
    )
  t.deepEqual(until('three'), [])
  t.regex(until('one')[0] ?? '', /cannot capture until step "one": it does not come later/)
  t.regex(until('two')[0] ?? '', /it does not come later/)
  t.regex(until('four')[0] ?? '', /no step has this id/)
})

test('a time without a unit, and commands as a list, are told with what to write', (t) => {
  const hintOf = (step: string) => diagnosticsOf(withSteps(`  - { name: a, on: host, ${step} }`))[0]?.hint
  t.is(hintOf('run: x, timeout: 10'), 'write 10s')
  t.is(hintOf('run: x, timeout: "10"'), 'write 10s')
  t.is(hintOf('run: x, timeout: 5h'), undefined)
  t.is(hintOf('run: [x, y]'), 'write "run: |" and the commands below it, a line each')
  t.is(hintOf('start: { id: p, run: [x, y] }'), 'write "run: |" and the commands below it, a line each')
})
