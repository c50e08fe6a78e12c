import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzLoader } from '../fuzz-labs.ts'
import { fuzzSeed } from '../random-numbers.ts'

test('many damaged lab files are loaded or refused with their place', (t) => {
  const seed = fuzzSeed()
  const cases = Number(process.env['FUZZ_CASES'] ?? 2000)
  const { found, sound } = fuzzLoader(seed, cases)
  t.diagnostic(`FUZZ_SEED=${seed} FUZZ_CASES=${cases}: ${sound} still labs, ${found.length} in trouble`)
  for (const { number, trouble, text } of found.slice(0, 20)) t.diagnostic(`${number}: ${trouble}\n${text}`)
  assert.equal(found.length, 0)
})
