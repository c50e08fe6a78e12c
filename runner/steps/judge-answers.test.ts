import { monitorEventLoopDelay } from 'node:perf_hooks'
import test from 'ava'
import { judgeAnswers } from './judge-answers.ts'

/** Letters a and b, in an order that has no pattern. */
function letters(count: number): string {
  let state = 1
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state & 0x10000 ? 'a' : 'b'
  }
  return Array.from({ length: count }, next).join('')
}
const judging = (matches: string, characters: number) => ({
  assertion: 'output',
  parameters: { on: 'a', command: 'x', matches },
  answers: [{ exitCode: 0, stdout: letters(characters), stderr: '', timedOut: false }],
  world: { addresses: {} },
})
/** Much work for each character, as any of the last 280 may have begun it. */
const worst = 'a.{280}\\b[cd]'
const { signal } = new AbortController()

test('long answers are judged as short ones are', async (t) => {
  for (const characters of [10, 300_000]) {
    t.like(await judgeAnswers(judging('^[ab]+$', characters), signal), { verdict: 'passed' })
    t.like(await judgeAnswers(judging('c', characters), signal), { verdict: 'failed' })
  }
})

test('while a long answer is searched for the worst pattern all else goes on', async (t) => {
  const claim = judging(worst, 3_000_000)
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const startedMs = performance.now()
  t.like(await judgeAnswers(claim, signal, 1000), {
    verdict: 'inconclusive',
    found: '3000000 characters were printed, of which the claim could not be judged within 1 s',
  })
  delay.disable()
  t.true(delay.max / 1e6 < 1000, `${delay.max / 1e6} ms`)
  t.true(performance.now() - startedMs < 10_000)
})

test('an abort ends the judging of a long answer', async (t) => {
  const claim = judging(worst, 3_000_000)
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Error('interrupted')), 100)
  const startedMs = performance.now()
  await t.throwsAsync(judgeAnswers(claim, abort.signal), { message: 'interrupted' })
  t.true(performance.now() - startedMs < 10_000)
})
