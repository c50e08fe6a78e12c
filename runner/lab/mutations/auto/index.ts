import { changeNumber } from './change-number.ts'
import { flipWord } from './flip-word.ts'
import { leaveOutCommand } from './leave-out-command.ts'
import { leaveOutStep } from './leave-out-step.ts'
import type { Mutator } from './mutator.ts'
import { stretchTimer } from './stretch-timer.ts'
import { swapAddresses } from './swap-addresses.ts'

/** All ways to make mutants, in the order in which those of a step are tried. */
export const mutators: readonly Mutator[] = [
  leaveOutStep,
  leaveOutCommand,
  swapAddresses,
  changeNumber,
  flipWord,
  stretchTimer,
]
