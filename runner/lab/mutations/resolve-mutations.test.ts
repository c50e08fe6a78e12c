import test from 'ava'
import { valueIn } from '../../steps/actions/action.ts'
import { run } from '../../steps/actions/run.ts'
import { diagnosticsOf, labOf, mistakesOf, withSteps } from '../../testing/test-labs.ts'
import type { Step } from '../lab.ts'

const steps = `  - { name: First, id: first, on: host, run: "one {{mode}}" }
  - { name: Nothing yet, expect: [{ ping: { from: host, to: peer, is: unreachable } }] }
  - name: Plug
    id: plug
    on: host
    run: plug {{how}}
    expect:
      - name: plugged
        ping: { from: host, to: 10.0.0.9, is: "{{reach}}" }
  - name: Connected
    id: connected
    expect:
      - ping: { from: host, to: peer, is: "{{reach}}" }
      - ping: { from: host, to: 10.0.0.9, is: reachable }
  - { name: Nonsense, only-in: [b], on: host, run: nonsense, refused: no such }
`
const head = `values: { how: well, reach: reachable }
variants: { a: { mode: x }, b: { mode: y } }`
const lab = (mutation: string) => `${withSteps(steps, head)}mutations:\n  - ${mutation}\n`
const trialsOf = (mutation: string) => labOf(lab(mutation)).mutations[0]?.trials ?? []
const scriptOf = (step: Step | undefined) => step && valueIn(step, run)?.text
const first = (mutation: string) => diagnosticsOf(lab(mutation))[0]

test('without a step, its commands are left out and its expectations stay', (t) => {
  const [trial, other] = trialsOf('{ name: m, without: plug, caught-by: [connected] }')
  t.is(trial?.changedAt, 2)
  t.is(other?.variant.name, 'b')
  const plug = trial?.variant.steps.find(({ id }) => id === 'plug')
  t.deepEqual(plug?.actions, [])
  t.is(plug?.node, undefined)
  t.deepEqual(
    plug?.expectations.map(({ caseName }) => caseName),
    ['Plug: plugged'],
  )
  t.deepEqual(trial?.caughtBy, ['Connected: host reaches peer', 'Connected: host reaches 10.0.0.9'])
})

test('a step that has nothing left is gone', (t) => {
  const [trial] = trialsOf('{ name: m, without: first, caught-by: [connected] }')
  t.deepEqual(
    trial?.variant.steps.map(({ index }) => index),
    [1, 2, 3],
  )
})

test('other commands run instead of a step’s, with values filled in', (t) => {
  const [trial] = trialsOf('{ name: m, instead: { step: plug, run: "badly {{how}}" }, caught-by: [plugged] }')
  t.is(scriptOf(trial?.variant.steps.find(({ id }) => id === 'plug')), 'badly well')
})

test('other values change what is done, not what is claimed', (t) => {
  const [trial] = trialsOf('{ name: m, values: { how: badly, reach: unreachable }, caught-by: [Connected] }')
  const plug = trial?.variant.steps.find(({ id }) => id === 'plug')
  t.is(scriptOf(plug), 'plug badly')
  t.is(plug?.expectations[0]?.wanted, 'host reaches 10.0.0.9')
  t.is(trial?.changedAt, 2)
})

test('a mistake is made in the variants that it changes, or in those that it names', (t) => {
  const names = (mutation: string) => trialsOf(mutation).map(({ variant }) => variant.name)
  t.deepEqual(names('{ name: m, values: { mode: y }, caught-by: [plugged] }'), ['a'])
  t.deepEqual(names('{ name: m, without: plug, in: [b], caught-by: [plugged] }'), ['b'])
  t.deepEqual(names('{ name: m, instead: { step: Nonsense, run: sense }, caught-by: [Nonsense] }'), ['b'])
})

test('a refusal is caught like an expectation', (t) => {
  const [trial] = trialsOf('{ name: m, instead: { step: Nonsense, run: sense }, caught-by: [Nonsense / is refused] }')
  t.deepEqual(trial?.caughtBy, ['Nonsense: is refused'])
})

test('expectations are known by name, by claim, and by step and either', (t) => {
  for (const reference of ['plugged', 'Plug / plugged', 'Plug / host reaches 10.0.0.9', 'Plug: plugged', 'plug']) {
    t.deepEqual(trialsOf(`{ name: m, without: plug, caught-by: ["${reference}"] }`)[0]?.caughtBy, ['Plug: plugged'])
  }
})

test('a step that does not exist is told with the nearest', (t) => {
  for (const mistake of ['without: plgu', 'instead: { step: plgu, run: x }']) {
    const found = first(`{ name: m, ${mistake}, caught-by: [connected] }`)
    t.is(found?.message, 'cannot find step "plgu"')
    t.is(found?.nearest, 'plug')
  }
})

test('an expectation that does not exist is told with the nearest', (t) => {
  const found = first('{ name: m, without: plug, caught-by: [conected] }')
  t.is(found?.message, 'cannot catch the mistake by "conected": no step or expectation is called so')
  t.is(found?.nearest, 'connected')
})

test('a reference means one thing', (t) => {
  const found = first('{ name: m, without: first, caught-by: [host reaches 10.0.0.9] }')
  t.regex(found?.message ?? '', /several expectations are called so/)
  t.regex(first('{ name: m, without: plug, caught-by: [First] }')?.message ?? '', /the step has no expectations/)
})

test('a mistake that changes nothing is told', (t) => {
  for (const mistake of [
    'values: { how: well }',
    'instead: { step: plug, run: "plug {{how}}" }',
    'without: connected',
  ]) {
    t.regex(
      first(`{ name: m, ${mistake}, caught-by: [connected] }`)?.message ?? '',
      /it changes nothing in any variant/,
    )
  }
  const found = first('{ name: m, values: { mode: y }, in: [b], caught-by: [connected] }')
  t.regex(found?.message ?? '', /it changes nothing in variant b/)
})

test('what stands before the change cannot catch it', (t) => {
  t.regex(first('{ name: m, without: plug, caught-by: [Nothing yet] }')?.message ?? '', /stands before the change/)
})

test('a refusal is not judged when its commands are left out', (t) => {
  t.regex(first('{ name: m, without: Nonsense, caught-by: [Nonsense] }')?.message ?? '', /is not judged/)
})

test('a mutation makes one mistake, in variants and with values that exist', (t) => {
  t.regex(first('{ name: m, caught-by: [connected] }')?.message ?? '', /it says none/)
  t.regex(
    first('{ name: m, without: plug, values: { how: x }, caught-by: [connected] }')?.message ?? '',
    /without and values/,
  )
  t.is(first('{ name: m, values: { hwo: x }, caught-by: [connected] }')?.nearest, 'how')
  t.regex(
    first('{ name: m, without: plug, in: [c], caught-by: [connected] }')?.message ?? '',
    /cannot find variant "c"/,
  )
  t.regex(first('{ name: m, without: plug, caught-by: [] }')?.message ?? '', /at least one expectation/)
  t.is(first('{ name: m, wihtout: plug, caught-by: [connected] }')?.nearest, 'without')
})

test('two mutations have two names', (t) => {
  const text = lab(
    '{ name: m, without: plug, caught-by: [connected] }\n  - { name: m, without: first, caught-by: [connected] }',
  )
  t.regex(mistakesOf(text)[0] ?? '', /for two mutations/)
})
