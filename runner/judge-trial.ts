import type { CaughtBy } from './events.ts'
import { allCaseNames, caseNames } from './lab/case-names.ts'
import type { Trial } from './lab/lab.ts'
import type { Outcome } from './result.ts'
import type { Outcomes, StepsResult } from './steps/steps.ts'

/** Whether a mutation was caught; `message` says what went otherwise. */
export interface TrialVerdict {
  readonly outcome: Outcome
  readonly caught: boolean
  readonly message?: string
  /** What caught a mutant. */
  readonly caughtBy?: CaughtBy
}

/**
 * A mutation is caught when every case before the mistake passed and every case that it names failed. A named case
 * that passed lets the mutation survive: that is a failure of the lab. One that could not be judged is an error, and so
 * is one that passed beside it: what held the machines up may have made it pass. Another try tells.
 */
export function judgeTrial(trial: Trial, verdicts: Outcomes): TrialVerdict {
  const wrong = wrongBefore(trial, verdicts)
  if (wrong !== undefined) return wrong
  const { caughtBy } = trial
  const survivors = caughtBy.filter((name) => verdicts.get(name) === 'passed')
  const isUnsure = caughtBy.some((name) => verdicts.get(name) === 'error')
  if (survivors.length > 0 && !isUnsure)
    return { outcome: 'failed', caught: false, message: `passed in spite of the mistake: ${list(survivors, verdicts)}` }
  const unjudged = caughtBy.filter((name) => verdicts.get(name) !== 'failed')
  if (unjudged.length > 0)
    return { outcome: 'error', caught: false, message: `could not be judged: ${list(unjudged, verdicts)}` }
  return { outcome: 'passed', caught: true }
}

/**
 * A mutant is caught when a case failed, or a command of the lab went wrong, at the change or after it; also when a
 * step
 * after it can't be done any more, such as starting a machine that runs, or a case asks a machine that the lab left
 * stopped. It survives when every case passed; of a machine that is stopped at the end nothing needs to be known then.
 * Whatever else keeps a case from passing is an error.
 */
export function judgeMutant(trial: Trial, { verdicts, unasked, broken, wentWrong }: StepsResult): TrialVerdict {
  const wrong = wrongBefore(trial, verdicts)
  if (wrong !== undefined) return wrong
  const cases = allCaseNames(trial.variant)
  const failed = cases.find((name) => verdicts.get(name) === 'failed') ?? cases.find((name) => unasked?.has(name))
  if (failed !== undefined) return { outcome: 'passed', caught: true, caughtBy: { case: failed } }
  if (wentWrong !== undefined && wentWrong.step.index >= trial.changedAt) {
    const { step, message } = wentWrong
    return { outcome: 'passed', caught: true, caughtBy: { step: step.name, message } }
  }
  if (broken !== undefined) return { outcome: 'error', caught: false, message: broken }
  const untold = trial.variant.crashCases.map(({ caseName }) => caseName)
  const unjudged = cases.filter((name) => {
    const verdict = verdicts.get(name)
    return verdict !== 'passed' && !(verdict === 'skipped' && untold.includes(name))
  })
  if (unjudged.length > 0) {
    const reached = unjudged.filter((name) => verdicts.has(name))
    const told = list(reached.length > 0 ? reached : unjudged, verdicts)
    return { outcome: 'error', caught: false, message: `could not be judged: ${told}` }
  }
  return { outcome: 'failed', caught: false, message: 'every claim still passes' }
}

/** The names of the cases before the mistake. */
export const casesBefore = ({ variant, changedAt }: Trial): readonly string[] =>
  variant.steps.filter(({ index }) => index < changedAt).flatMap(caseNames)

/** The verdict when a case before the mistake did not pass: then nothing is known of the mistake. */
function wrongBefore(trial: Trial, verdicts: Outcomes): TrialVerdict | undefined {
  const wrong = casesBefore(trial).filter((name) => verdicts.has(name) && verdicts.get(name) !== 'passed')
  if (wrong.length === 0) return undefined
  const message = `before the mistake was made, this went wrong: ${list(wrong, verdicts)}`
  return { outcome: 'error', caught: false, message }
}

const list = (names: readonly string[], verdicts: Outcomes) =>
  names.map((name) => `"${name}" (${verdicts.get(name) ?? 'not reached'})`).join(', ')
