import test from 'ava'
import type { Measurement } from './measurement.ts'
import { readOptions } from './options.ts'

const measurement = (name: string, more: Partial<Measurement> = {}): Measurement => ({
  ...{ name, what: `what ${name} is`, rounds: 3, figures: [], ...more },
  sample: async () => ({}),
})
const all = [
  measurement('one', { groups: ['growth'], isQuick: true }),
  measurement('two', { groups: ['growth'] }),
  measurement('long', { isLong: true }),
]

const read = (...args: string[]) => {
  const options = readOptions(args, all)
  if (typeof options === 'string') return options
  return { ...options, measurements: options.measurements.map(({ name }) => name) }
}

test('all is measured that does not take long, with rivals, as often as each measurement says', (t) => {
  t.deepEqual(read(), { measurements: ['one', 'two'], rivals: true })
})

test('measurements are chosen by name and by group, long ones too, in their own order', (t) => {
  t.deepEqual(read('--only', 'long', '--only', 'growth', '--rounds', '2', '--no-rivals'), {
    ...{ measurements: ['one', 'two', 'long'], rivals: false, rounds: 2 },
  })
})

test('the quick version is one round of a part, unless more rounds are asked for', (t) => {
  t.deepEqual(read('--quick', '--baseline', 'HEAD~1', '--json', 'history.jsonl'), {
    ...{ measurements: ['one'], rivals: false, rounds: 1, baseline: 'HEAD~1', json: 'history.jsonl' },
  })
  t.like(read('--quick', '--rounds', '4'), { rounds: 4 })
})

test('a name, a number or an option that is wrong is said', (t) => {
  t.throws(() => read('--only', 'three'), { message: 'cannot measure three: there is no such measurement' })
  t.throws(() => read('--rounds', '0'), { message: 'cannot read --rounds 0: expected a whole number from 1' })
  t.throws(() => read('--round', '1'), { message: /^cannot read the command line: Unknown option '--round'/ })
})

test('the help lists every measurement', (t) => {
  const help = String(read('--help'))
  t.regex(help, /^\+ one +3 +what one is$/m)
  t.regex(help, /^\* long +3 +what long is$/m)
})
