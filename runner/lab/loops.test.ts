import test from 'ava'
import { valueIn } from '../steps/actions/action.ts'
import { copy } from '../steps/actions/copy.ts'
import { run } from '../steps/actions/run.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../testing/test-labs.ts'
import { allCaseNames } from './case-names.ts'
import type { Lab } from './lab.ts'

const stepsOf = (lab: Lab) => lab.variants[0]?.steps ?? []
const scriptsOf = (lab: Lab) => stepsOf(lab).map((step) => [step.index, step.node, valueIn(step, run)?.text])

test('a step on several nodes is done on one after the other, and all else once at the end', (t) => {
  const lab = labOf(
    withSteps(
      `  - name: up
    id: up
    why: so
    on: [host, peer]
    run: ip link set {{node}} up
    capture: { all: { nic: "host:eth0" } }
    expect: [ { ping: { from: host, to: peer, is: reachable } } ]
  - { name: after, on: host, run: x }`,
    ),
  )
  t.deepEqual(scriptsOf(lab), [
    [0, 'host', 'ip link set host up'],
    [1, 'peer', 'ip link set peer up'],
    [2, undefined, undefined],
    [3, 'host', 'x'],
  ])
  t.deepEqual(
    stepsOf(lab).map(({ name, id, why, captures, expectations }) => [
      ...[name, id, why],
      ...[captures.map(({ until }) => until), expectations.map(({ caseName }) => caseName)],
    ]),
    [
      ['up', 'up', 'so', [2], []],
      ['up', 'up', undefined, [], []],
      ['up', 'up', undefined, [], ['up: host reaches peer']],
      ['after', undefined, undefined, [], []],
    ],
  )
})

test('nodes have values of their own, in commands and files, which may hold those of the lab', (t) => {
  const lab = labOf(
    withSteps(
      `  - name: up
    on: { host: { id: "{{net}}.1" }, peer: { id: "{{net}}.2; x" } }
    copy: { /f: f }
    run: echo {{id}}`,
      'values: { net: "10" }',
    ),
    { f: 'I am {{id}} on {{node}}' },
  )
  t.deepEqual(
    stepsOf(lab).map((step) => valueIn(step, run)?.text),
    ['echo 10.1', "echo '10.2; x'"],
  )
  t.deepEqual(
    stepsOf(lab).map((step) => Buffer.from(valueIn(step, copy)?.[0]?.content ?? []).toString()),
    ['I am 10.1 on host', 'I am 10.2; x on peer'],
  )
})

test('a step is done for each item, with a name for each', (t) => {
  const lab = labOf(
    withSteps(
      `  - { name: plain, each: [10, eth2], on: host, run: "echo {{each}}", expect: [ { ping: { from: host, to: peer, is: reachable } } ] }
  - { name: "of {{each}}", each: { a: { x: "1" }, b: { x: "2" } }, on: [host, peer], run: "echo {{x}} {{each}} {{node}}" }`,
    ),
  )
  t.deepEqual(
    stepsOf(lab).map(({ name }) => name),
    ['plain (10)', 'plain (eth2)', 'of a', 'of a', 'of b', 'of b'],
  )
  t.deepEqual(
    scriptsOf(lab).map(([, , script]) => script),
    ['echo 10', 'echo eth2', 'echo 1 a host', 'echo 1 a peer', 'echo 2 b host', 'echo 2 b peer'],
  )
  t.deepEqual(allCaseNames(lab.variants[0] ?? t.fail()).slice(0, 2), [
    'plain (10): host reaches peer',
    'plain (eth2): host reaches peer',
  ])
})

test('an expectation is claimed for each item, with a name for each', (t) => {
  const lab = labOf(
    withSteps(
      `  - name: claimed
    each: [one]
    expect:
      - { each: { host: { to: 10.0.0.2 }, peer: { to: 10.0.0.1 } }, ping: { from: "{{each}}", to: "{{to}}", is: reachable } }
      - { each: [1, 2], name: it answers, ping: { from: host, to: peer, is: reachable } }
      - { each: [1, 2], name: "answer {{each}}", ping: { from: host, to: peer, is: reachable } }`,
    ),
  )
  t.deepEqual(
    stepsOf(lab)[0]?.expectations.map(({ claim, caseName }) => [claim, caseName]),
    [
      ['host reaches 10.0.0.2', 'claimed (one): host reaches 10.0.0.2'],
      ['peer reaches 10.0.0.1', 'claimed (one): peer reaches 10.0.0.1'],
      ['it answers (1)', 'claimed (one): it answers (1)'],
      ['it answers (2)', 'claimed (one): it answers (2)'],
      ['answer 1', 'claimed (one): answer 1'],
      ['answer 2', 'claimed (one): answer 2'],
    ],
  )
})

test('a mutation means all nodes and items of a step', (t) => {
  const lab = labOf(
    withSteps(
      `  - { name: up, id: up, on: [host, peer], run: "echo {{node}}" }
  - { name: look, expect: [ { each: [1, 2], name: it answers, ping: { from: host, to: peer, is: reachable } } ] }
mutations:
  - { name: none, without: up, caught-by: [look] }
  - { name: others, instead: { step: up, run: "false {{node}}" }, caught-by: [look] }`,
    ),
  )
  const [none, others] = lab.mutations.map(({ trials: [trial] }) => trial)
  t.deepEqual(
    none?.variant.steps.map(({ name }) => name),
    ['look'],
  )
  t.deepEqual(none?.caughtBy, ['look: it answers (1)', 'look: it answers (2)'])
  t.deepEqual(
    others?.variant.steps.slice(0, 2).map((step) => valueIn(step, run)?.text),
    ['false host', 'false peer'],
  )
})

test('a mutation means the step of one item by an id with a placeholder', (t) => {
  const lab = labOf(
    withSteps(
      `  - { name: "up {{each}}", id: "{{each}}", each: [one, two], on: host, run: "echo {{each}}" }
  - { name: look, expect: [ { ping: { from: host, to: peer, is: reachable } } ] }
mutations:
  - { name: none, without: two, caught-by: [look] }`,
    ),
  )
  const names = lab.mutations[0]?.trials[0]?.variant.steps.map(({ name }) => name)
  t.deepEqual(names, ['up one', 'look'])
})

test('a mutation has the values of each node, also where the step claims something after them', (t) => {
  const lab = labOf(
    withSteps(
      `  - name: up
    on: { host: { n: "1" }, peer: { n: "2" } }
    run: ip link set eth{{n}} up
    expect: [ { ping: { from: host, to: peer, is: reachable } } ]
mutations:
  - { name: down, instead: { step: up, run: "ip link set eth{{n}} down" }, caught-by: [up] }`,
    ),
  )
  const steps = lab.mutations[0]?.trials[0]?.variant.steps ?? []
  t.deepEqual(
    steps.map(({ actions }) => actions.map(({ value }) => value)),
    [
      [{ text: 'ip link set eth1 down', timeoutMs: 60_000 }],
      [{ text: 'ip link set eth2 down', timeoutMs: 60_000 }],
      [],
    ],
  )
})

test('mutants are made of each node, and of the values of each', (t) => {
  const lab = labOf(
    withSteps('  - { name: up, on: { host: { n: "1" }, peer: { n: "5" } }, run: "mtu {{n}}0 {{node}}" }'),
  )
  const names = lab.makeMutants().map(({ name }) => name)
  t.deepEqual(
    names.filter((name) => name.includes('left out')),
    ['up: left out', 'up: left out (2)'],
  )
})

test('a mistake in a step for several stands where the file has it, once', (t) => {
  const mistakes = (steps: string) => mistakesOf(withSteps(steps))
  t.deepEqual(mistakes('  - { name: a, on: [host, hots], run: x }'), [
    '8:27 cannot run on "hots": no node has this name',
  ])
  const inStep = (step: string) => mistakes(`  - { name: a, ${step} }`)
  t.deepEqual(inStep('on: [host, peer], run: x, rnu: y'), ['8:42 cannot use key "rnu": it means nothing here'])
  t.deepEqual(inStep('on: { host: { x: "{{no}}" } }, run: "echo {{x}}"'), [
    '8:22 cannot fill in {{no}}: no value has this name',
  ])
  t.deepEqual(inStep('on: [host, host], run: x'), ['8:16 cannot use a list as on: expected each item once'])
  t.deepEqual(inStep('on: [], run: x'), ['8:16 cannot use a list as on: expected at least one item'])
  t.deepEqual(inStep('on: { host: { x: 5 } }, run: x'), ['8:33 cannot use number 5 as x: expected text'])
  t.deepEqual(inStep('on: 5, run: x'), ['8:20 cannot use number 5 as on: expected text, a list or a mapping'])
  t.deepEqual(inStep('each: {}, on: host, run: x'), ['8:16 cannot use a mapping as each: expected at least one item'])
  t.deepEqual(inStep('expect: [ { each: 5, ping: { from: host, to: peer, is: reachable } } ]'), [
    '8:34 cannot use number 5: expected a list or a mapping',
  ])
})

test('a node of several is no value of what is done and claimed after them', (t) => {
  t.deepEqual(
    mistakesOf(
      withSteps(
        '  - { name: a, on: [host, peer], run: x, expect: [ { ping: { from: "{{node}}", to: peer, is: reachable } } ] }',
      ),
    ),
    ['8:69 cannot fill in {{node}}: no value has this name'],
  )
})

test('values of a node that nothing uses are a mistake', (t) => {
  const [mistake] = diagnosticsOf(withSteps('  - { name: a, on: { host: { adress: "1" } }, run: "echo {{node}}" }'))
  t.is(mistake?.message, 'cannot find a use of value "adress"')
})

test('more steps than anybody reads are refused at once', (t) => {
  const many = Array.from({ length: 250 }, (_, number) => number)
  const nodes = many.map((number) => `n${number}`)
  const step = `  - { name: a, each: [${many}], on: [${nodes}], run: x }`
  t.regex(mistakesOf(withSteps(step))[0] ?? '', /cannot use more than 2000 steps/)
})
