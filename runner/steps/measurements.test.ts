import test from 'ava'
import { labWith } from '../testing/test-run.ts'
import { phasesOf } from './measurements.ts'

const cut = '{ name: cut, events: [{ link: { endpoint: "a:eth1", state: down } }] }'
const power = '{ name: power, events: [{ machine: { node: a, state: running } }] }'
const type = (name: string) => `{ name: ${name}, on: a, run: echo }`
const check = (name: string) => `{ name: ${name}, expect: [{ ping: { from: a, to: b, is: reachable } }] }`
const measure = (name: string) =>
  `{ name: ${name}, outage: { stream: { from: a, to: b }, while: [{ wait: 1s }], expect: { recovers: true } } }`

function phases(...steps: string[]) {
  const variant = labWith(steps.map((step) => `  - ${step}`).join('\n')).variants[0]
  return phasesOf(variant?.steps ?? []).map(
    ({ steps: some, kind }) => `${kind}: ${some.map(({ name }) => name).join(', ')}`,
  )
}

test('the commands before the first claim or event are the set-up, and without an outage nothing is measured', (t) => {
  t.deepEqual(phases(type('one'), cut, check('two')), ['set-up: one', 'between: cut, two'])
  t.deepEqual(phases(type('one'), type('two'), check('three')), ['set-up: one, two', 'between: three'])
  t.deepEqual(phases(type('one'), type('two')), ['set-up: one, two'])
  t.deepEqual(phases(check('one'), type('two')), ['between: one, two'])
})

test('an outage is measured together with the event before it and the claims after it', (t) => {
  t.deepEqual(phases(type('one'), cut, check('calm'), measure('gap'), check('after'), type('two'), check('end')), [
    'set-up: one',
    'measurement: cut, calm, gap, after',
    'between: two, end',
  ])
})

test('without an event before it an outage is measured together with what was claimed after the last commands', (t) => {
  t.deepEqual(phases(type('one'), check('before'), measure('gap')), ['set-up: one', 'measurement: before, gap'])
  t.deepEqual(phases(type('one'), measure('gap')), ['set-up: one', 'measurement: gap'])
  t.deepEqual(phases(check('before'), measure('gap')), ['measurement: before, gap'])
})

test('a machine that starts is not part of a measurement', (t) => {
  t.deepEqual(phases(cut, power, check('calm'), measure('gap')), ['between: cut, power', 'measurement: calm, gap'])
  t.deepEqual(phases(measure('gap'), check('after'), power), ['measurement: gap, after', 'between: power'])
})

test('an outage does not reach back into the one before it', (t) => {
  t.deepEqual(phases(measure('one'), measure('two'), cut, measure('three')), [
    'measurement: one',
    'measurement: two',
    'measurement: cut, three',
  ])
})
