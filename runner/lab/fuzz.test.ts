import test from 'ava'
import { fuzzLoader } from '../testing/fuzz-labs.ts'
import { fuzzSeed } from '../testing/random-numbers.ts'

test('damaged lab files are loaded or refused with their place, never a reason to break', (t) => {
  const seed = fuzzSeed()
  t.log(`FUZZ_SEED=${seed}`)
  const { found } = fuzzLoader(seed, 300)
  t.deepEqual(found, [])
})
