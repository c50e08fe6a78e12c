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
    ({ steps: some, measures }) => `${measures ? 'measures' : 'loud'}: ${some.map(({ name }) => name).join(', ')}`,
  )
}

test('without an outage nothing has to be measures', (t) => {
  t.deepEqual(phases(type('one'), cut, check('two')), ['loud: one, cut, two'])
})

test('an outage is measured together with the event before it and the claims after it', (t) => {
  t.deepEqual(phases(type('one'), cut, check('calm'), measure('gap'), check('after'), type('two'), check('end')), [
    'loud: one',
    'measures: cut, calm, gap, after',
    'loud: two, end',
  ])
})

test('without an event before it an outage is measured together with what was claimed after the last commands', (t) => {
  t.deepEqual(phases(type('one'), check('before'), measure('gap')), ['loud: one', 'measures: before, gap'])
  t.deepEqual(phases(type('one'), measure('gap')), ['loud: one', 'measures: gap'])
  t.deepEqual(phases(check('before'), measure('gap')), ['measures: before, gap'])
})

test('a machine that starts is not part of a measurement', (t) => {
  t.deepEqual(phases(cut, power, check('calm'), measure('gap')), ['loud: cut, power', 'measures: calm, gap'])
  t.deepEqual(phases(measure('gap'), check('after'), power), ['measures: gap, after', 'loud: power'])
})

test('an outage does not reach back into the one before it', (t) => {
  t.deepEqual(phases(measure('one'), measure('two'), cut, measure('three')), [
    'measures: one',
    'measures: two',
    'measures: cut, three',
  ])
})
