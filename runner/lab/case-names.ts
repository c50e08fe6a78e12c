import type { DeclaredCase, Step, Variant } from './lab.ts'

/** All that is claimed of a step, in the order in which it is judged. */
export const declaredCases = ({ actions, expectations }: Step): readonly DeclaredCase[] => [
  ...actions.flatMap(({ cases }) => cases),
  ...expectations,
]

/** Names of all cases of a step, in the order in which they are judged. */
export const caseNames = (step: Step): string[] => declaredCases(step).map(({ caseName }) => caseName)

/** Names of all cases of a variant, in the order in which they are judged: those of its steps, then what crashed. */
export const allCaseNames = ({ steps, crashCases }: Variant): string[] => [
  ...steps.flatMap(caseNames),
  ...crashCases.map(({ caseName }) => caseName),
]
