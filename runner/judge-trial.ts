import { caseNames } from './lab/case-names.ts'
import type { Trial } from './lab/lab.ts'
import type { Outcome } from './result.ts'
import type { Outcomes } from './steps/steps.ts'

/** Whether a mutation was caught; `message` says what went otherwise. */
export interface TrialVerdict {
  readonly outcome: Outcome
  readonly caught: boolean
  readonly message?: string
}

/**
 * A mutation is caught when every case before the mistake passed and every case that it names failed. A named case
 * that passed lets the mutation survive: that is a failure of the lab, whatever became of the others. One that could not
 * be judged is an error.
 */
export function judgeTrial({ variant, changedAt, caughtBy }: Trial, verdicts: Outcomes): TrialVerdict {
  const before = variant.steps.filter(({ index }) => index < changedAt).flatMap(caseNames)
  const wrong = before.filter((name) => verdicts.has(name) && verdicts.get(name) !== 'passed')
  if (wrong.length > 0)
    return {
      outcome: 'error',
      caught: false,
      message: `before the mistake was made, this went wrong: ${list(wrong, verdicts)}`,
    }
  const survivors = caughtBy.filter((name) => verdicts.get(name) === 'passed')
  if (survivors.length > 0)
    return { outcome: 'failed', caught: false, message: `passed in spite of the mistake: ${list(survivors, verdicts)}` }
  const unjudged = caughtBy.filter((name) => verdicts.get(name) !== 'failed')
  if (unjudged.length > 0)
    return { outcome: 'error', caught: false, message: `could not be judged: ${list(unjudged, verdicts)}` }
  return { outcome: 'passed', caught: true }
}

const list = (names: readonly string[], verdicts: Outcomes) =>
  names.map((name) => `"${name}" (${verdicts.get(name) ?? 'not reached'})`).join(', ')
