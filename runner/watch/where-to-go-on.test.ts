import test from 'ava'
import type { Variant } from '../lab/lab.ts'
import { labWith } from '../testing/test-run.ts'
import { whereToGoOn } from './where-to-go-on.ts'

const first = '  - { name: one, on: a, run: x }\n'
const claim = (is: string) => `expect: [{ ping: { from: a, to: b, is: ${is} } }]`
const second = (run: string, is = 'reachable') => `  - { name: two, on: a, run: ${run}, ${claim(is)} }\n`
const third = '  - { name: three, on: b, run: z }\n'

function variantOf(steps: string): Variant {
  const [variant] = labWith(steps).variants
  if (variant === undefined) throw new Error('there is no variant')
  return variant
}

const courseOf = (before: string, after: string, done: number, halted = false) =>
  whereToGoOn({ variant: variantOf(before), done, halted }, variantOf(after))

test('a step that is added behind those that are done is done in the same machines', (t) => {
  const course = courseOf(first + second('y'), first + second('y') + third, 2)
  t.deepEqual(course, {
    goOn: { from: 2, claimsOnly: false },
    why: 'step "three" is the first that changed',
  })
})

test('of the last step that was done the claims are judged again, when they changed or one had failed', (t) => {
  const goOn = { from: 1, claimsOnly: true }
  t.deepEqual(courseOf(first + second('y'), first + second('y', 'unreachable'), 2)?.goOn, goOn)
  t.deepEqual(courseOf(first + second('y') + third, first + second('y') + third, 2, true)?.goOn, goOn)
})

test('what was done and would now be done otherwise is done anew, from the start', (t) => {
  for (const [after, why] of [
    [first + second('other') + third, 'step "two" does something else, and was done'],
    [third + first + second('y'), 'step "three" does something else, and was done'],
    [first, 'a step is gone that was done'],
    [first + second('y', 'unreachable') + third, 'step "two" claims something else, and more was done since'],
  ] as const)
    t.deepEqual(courseOf(first + second('y') + third, after, 3), { why })
})

test('other machines are other machines', (t) => {
  const before = variantOf(first)
  const after = { ...before, nodes: before.nodes.slice(1) }
  t.deepEqual(whereToGoOn({ variant: before, done: 1, halted: false }, after), {
    why: 'nodes, links or images have changed',
  })
})

test('what only the run before has is not gone on with', (t) => {
  for (const [step, why] of [
    ['  - { name: s, on: a, start: { id: p, run: x } }\n', 'what step "s" started belongs to the run before'],
    ['  - { name: s, on: a, run: x, capture: { c: "a:eth1" } }\n', 'the captures of step "s" belong to the run before'],
    [
      '  - { name: s, events: [{ link: { endpoint: "a:eth1", state: down } }] }\n',
      'what happened to cables and machines in step "s" is known to the run before alone',
    ],
  ] as const)
    t.deepEqual(courseOf(step, step + third, 1), { why })
})

test('names, reasons, comments and places of steps change nothing that is run', (t) => {
  const renamed = '  # A comment.\n  - { name: first, why: because, on: a, run: x }\n'
  t.is(courseOf(first + second('y'), renamed + second('y'), 2), undefined)
})
