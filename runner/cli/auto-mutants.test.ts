import test from 'ava'
import { labOf, withSteps } from '../testing/test-labs.ts'
import { chooseMutants, readAutoWish } from './auto-mutants.ts'

const read = (args: object, kind: 'run' | 'mutate' = 'mutate') =>
  readAutoWish(kind, { auto: false, list: false, isParted: false, ...args })

test('a sample without a seed is given one, which is recorded', (t) => {
  t.is(read({}), undefined)
  t.deepEqual(read({ auto: true }), { list: false })
  t.deepEqual(read({ auto: true, sample: '5', seed: '0' }), { list: false, sample: 5, seed: 0 })
  t.is(typeof read({ auto: true, sample: '5' })?.seed, 'number')
})

test('what belongs to mutants alone is refused without them', (t) => {
  t.throws(() => read({ auto: true }, 'run'), { message: /--auto .* belongs to mutate/ })
  t.throws(() => read({ sample: '5' }), { message: /--sample .* belongs to --auto/ })
  t.throws(() => read({ auto: true, seed: '5' }), { message: /--seed .* belongs to --sample/ })
  t.throws(() => read({ auto: true, sample: '0' }), { message: /from 1/ })
})

test('parts of a run draw the same sample only by a seed that all are given', (t) => {
  t.throws(() => read({ auto: true, sample: '5', isParted: true }), { message: /each part draws for itself/ })
  t.is(read({ auto: true, sample: '5', seed: '1', isParted: true })?.seed, 1)
})

test('of mutants chosen by name it stays known how many their lab has', (t) => {
  const lab = labOf(
    withSteps('  - { name: Do, on: host, run: "ip link add a type dummy; ip link add b type dummy" }\n'),
  )
  const chosen = chooseMutants([{ lab }], ['Do: left out'], {})
  t.deepEqual([chosen.mutants.length, chosen.of], [1, 3])
})
