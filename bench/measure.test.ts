import test from 'ava'
import { measure } from './measure.ts'
import type { Measurement, Rival, Sample } from './measurement.ts'
import type { Tree } from './run-npm.ts'

const here: Tree = { name: 'this', root: '/here', commit: 'b' }
const before: Tree = { name: 'before', root: '/there', commit: 'a' }

/** Measures with a value for each turn, and tells the turns. */
async function turns(
  more: Partial<Measurement>,
  { rivals = true, answer = () => 1, signal = new AbortController().signal }: Turns = {},
) {
  const taken: string[] = []
  const measurement: Measurement = {
    ...{ name: 'one', what: '', rounds: 2, figures: [{ name: 'time', unit: 'ms' }], ...more },
    sample: async ({ name }) => {
      taken.push(name)
      return { time: answer(name) }
    },
  }
  const session = { signal, here, qemuArguments: [] }
  const result = await measure(measurement, { trees: [here, before], session, rivals, say: () => {} })
  return { taken, result, values: Object.fromEntries(result.figures.map(({ who, values }) => [who, values])) }
}

interface Turns {
  readonly rivals?: boolean
  readonly signal?: AbortSignal
  answer?(who: string): number
}

const rival = (name: string, more: Partial<Rival> = {}): Rival => ({
  ...{ name, lacks: () => undefined, ...more },
  sample: async (count): Promise<Sample> => ({ time: 100 * count }),
})

test('who is measured takes turns', async (t) => {
  const { taken, values } = await turns({})
  t.deepEqual(taken, ['this', 'before', 'this', 'before'])
  t.deepEqual(values, { this: [1, 1], before: [1, 1] })
})

test('a round for warming up is not counted', async (t) => {
  const { taken, values } = await turns({ isWarmedUp: true, rounds: 1 })
  t.is(taken.length, 4)
  t.deepEqual(values, { this: [1], before: [1] })
})

test('a rival has as many rounds, or one, and the same number of machines', async (t) => {
  const rivals = [rival('quick'), rival('slow', { once: true })]
  const { values } = await turns({ rivals, machines: 4 })
  t.deepEqual(values, { this: [1, 1], before: [1, 1], quick: [400, 400], slow: [400] })
  t.deepEqual(Object.keys((await turns({ rivals }, { rivals: false })).values), ['this', 'before'])
})

test('a rival that this host lacks is told, and no fault', async (t) => {
  const { result, values } = await turns({ rivals: [rival('absent', { lacks: () => 'there is none' })] })
  t.deepEqual(result.missing, [{ who: 'absent', why: 'there is none', failed: false }])
  t.deepEqual(Object.keys(values), ['this', 'before'])
})

test('who fails has no further turn, and its earlier values stand', async (t) => {
  let turn = 0
  const answer = (who: string) => {
    turn += 1
    if (who === 'before' && turn > 2) throw new Error('it broke')
    return turn
  }
  const { taken, result, values } = await turns({ rounds: 3 }, { answer })
  t.deepEqual(taken, ['this', 'before', 'this', 'before', 'this'])
  t.deepEqual(values, { this: [1, 3, 5], before: [2] })
  t.deepEqual(result.missing, [{ who: 'before', why: 'it broke', failed: true }])
})

test('an interruption ends all', async (t) => {
  const interruption = new AbortController()
  const answer = () => {
    interruption.abort(new Error('interrupted'))
    throw new Error('it was told to end')
  }
  await t.throwsAsync(turns({}, { answer, signal: interruption.signal }), { message: 'interrupted' })
})
