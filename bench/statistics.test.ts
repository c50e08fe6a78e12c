import test from 'ava'
import { fitLine, summarize } from './statistics.ts'

test('the median of an even number of values lies between the two in the middle', (t) => {
  t.deepEqual(summarize([4, 1, 3, 2]), { median: 2.5, least: 1, most: 4, spread: 1.2 })
  t.deepEqual(summarize([30, 10, 20]), { median: 20, least: 10, most: 30, spread: 1 })
})

test('one value has no spread, no value has no summary, and a median of nothing divides by nothing', (t) => {
  t.deepEqual(summarize([7]), { median: 7, least: 7, most: 7, spread: 0 })
  t.is(summarize([]), undefined)
  t.is(summarize([-1, 0, 1])?.spread, 0)
})

test('points on a line are fitted by that line', (t) => {
  t.deepEqual(
    fitLine([
      [1, 5],
      [2, 7],
      [4, 11],
    ]),
    { base: 3, each: 2, largestResidual: { at: 1, by: 0 } },
  )
})

test('the largest residual is that of the point farthest from the line, with its sign', (t) => {
  const fit = fitLine([
    [0, 0],
    [1, 4],
    [2, 2],
  ])
  t.is(fit?.each, 1)
  t.is(fit?.base, 1)
  t.deepEqual(fit?.largestResidual, { at: 1, by: 2 })
})

test('points at fewer than three places are fitted by no line', (t) => {
  t.is(
    fitLine([
      [1, 1],
      [2, 2],
      [2, 3],
    ]),
    undefined,
  )
})
