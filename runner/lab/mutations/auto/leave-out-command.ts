import type { MutableStep, Mutator } from './mutator.ts'

/** Leaves out one command that changes something; not the only one of a step, because then the step is left out. */
export const leaveOutCommand: Mutator = {
  kind: 'command',
  changes: (of) =>
    isStep(of)
      ? []
      : of.texts.flatMap((text) =>
          text.parts.flatMap((part) => (part.command === undefined ? [] : [{ what: 'command', text, part }])),
        ),
}

/** Whether a step does nothing but one command. */
const isStep = ({ step, texts }: MutableStep): boolean =>
  step.actions.length === 1 && texts.length === 1 && texts[0]?.parts.length === 1 && texts[0].origin.file === undefined
