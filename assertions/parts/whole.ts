import type { Assertion } from '../assertion.ts'
import { inconclusive } from './verdict.ts'

/** What is said of an answer whose missing part would decide. */
export const whyCut = 'it printed more than could be kept, and what is missing would decide'

/** The assertion, for which an answer of which something is missing is none; but for those that know what it proves. */
export const judgesWhole = <P>(assertion: Assertion<P>): Assertion<P> =>
  assertion.judgesCut
    ? assertion
    : {
        ...assertion,
        judge(parameters, answers, world) {
          if (answers.some(({ cut }) => cut)) return inconclusive(`a command was asked: ${whyCut}`)
          return assertion.judge(parameters, answers, world)
        },
      }
