import type { Step } from './lab.ts'

/** Names of all cases of a step, in the order in which they are judged. */
export const caseNames = (step: Step): string[] => [
  ...(step.run?.refusedCaseName === undefined ? [] : [step.run.refusedCaseName]),
  ...(step.outage?.expectations ?? []).map(({ caseName }) => caseName),
  ...step.expectations.map(({ caseName }) => caseName),
]
