import { machineryError, usageError } from '../errors.ts'
import type { Lab, Mutation, Puzzle } from '../lab/lab.ts'

/** A puzzle of a lab, in one of its variants. */
export interface LabPuzzle {
  /** The place of its mutation in the lab's list. */
  readonly mutation: number
  readonly name: string
  readonly variant: string
  readonly puzzle: Puzzle
}

/** A mistake that was made in secret, in a lab that is up. */
export interface PosedPuzzle {
  /** Tells one hint more, with those before it. */
  hint(): { readonly hints: readonly string[]; readonly more: boolean }
  solution(): Pick<Puzzle, 'solution' | 'mend'>
  /** All that is claimed where it is posed held when it was last judged. */
  isMended: boolean
}

/** All puzzles of a lab, in the order of its mutations. */
export const puzzlesOf = ({ mutations }: Pick<Lab, 'mutations'>): readonly LabPuzzle[] =>
  mutations.flatMap(({ name, trials }, mutation) =>
    trials.flatMap(({ variant, puzzle }) =>
      puzzle === undefined ? [] : [{ mutation, name, variant: variant.name, puzzle }],
    ),
  )

/** The levels of a lab's puzzles. What is posed in several variants is one. */
export const levelsOf = (lab: Pick<Lab, 'mutations'>): readonly number[] => [
  ...new Map(puzzlesOf(lab).map(({ mutation, puzzle }) => [mutation, puzzle.level])).values(),
]

/** What is asked of a puzzle. */
export interface PuzzleWish {
  readonly variant?: string | undefined
  readonly level?: number | undefined
  /** A whole number. The same number is the same puzzle; those that follow one another are all that there are. */
  readonly seed: number
}

/** The puzzle of a lab that a wish means. @throws WirelabError of kind usage when there is none */
export function choosePuzzle(lab: Pick<Lab, 'name' | 'mutations'>, { variant, level, seed }: PuzzleWish): LabPuzzle {
  const all = puzzlesOf(lab)
  const fitting = all.filter(
    (one) => (variant === undefined || one.variant === variant) && (level === undefined || one.puzzle.level === level),
  )
  const chosen = fitting[seed % fitting.length]
  if (chosen !== undefined) return chosen
  const levels = [...new Set(all.map(({ puzzle }) => puzzle.level))].sort()
  throw usageError(
    `cannot break ${lab.name}: it has no such puzzle`,
    all.length === 0 ? 'no mutation of it is a puzzle' : `it has puzzles of level ${levels.join(', ')}`,
  )
}

/** The trial of a mutation in a variant, with its puzzle. @throws WirelabError of kind usage when it has none there */
export function trialOf(mutation: Mutation | undefined, variant: string) {
  const trial = mutation?.trials.find((one) => one.puzzle !== undefined && one.variant.name === variant)
  if (trial?.puzzle === undefined) throw usageError('cannot pose a puzzle: the lab has none there')
  return { trial, puzzle: trial.puzzle }
}

/** The error where the steps can't be done with the mistake; it does not tell which one that is. */
export const cannotBreak = () => machineryError('cannot break the lab: its steps went wrong with the mistake in them')

/** A puzzle as it is posed; no hint is told yet. */
export function posedPuzzle({ hints, solution, mend }: Puzzle): PosedPuzzle {
  let told = 0
  return {
    hint() {
      told = Math.min(told + 1, hints.length)
      return { hints: hints.slice(0, told), more: told < hints.length }
    },
    solution: () => ({ solution, mend }),
    isMended: false,
  }
}
