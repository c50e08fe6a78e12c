import { maxTextLength } from './mutant-allowance.ts'
import type { MutableStep, Mutator } from './mutator.ts'
import { actionHasCases } from './parts.ts'

/** Leaves out a step that does something: all but one whose commands only look, and of which no look is claimed. */
export const leaveOutStep: Mutator = {
  kind: 'step',
  changes: (of) => (doesSomething(of) ? [{ what: 'step' }] : []),
}

const doesSomething = ({ step, texts }: MutableStep): boolean =>
  step.actions.some((action) => action.key !== 'run' || actionHasCases(action)) ||
  texts.some(({ text, parts }) => parts.length > 0 || text.length > maxTextLength) ||
  (step.actions.length > 0 && step.captures.length > 0)
