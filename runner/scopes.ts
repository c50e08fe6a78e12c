import { usageError } from './errors.ts'
import { scopeFolders } from './host/scope-folders.ts'
import type { Lab, Mutant, Mutation, Trial, Variant } from './lab/lab.ts'
import { nearestWord } from './lab/text/nearest.ts'

/** One bring-up to come: a variant of a lab, perhaps with a mistake made in it, in machines of its own. */
export interface Scope {
  /** Unique in the run. */
  readonly name: string
  /** Its own in the results folder, for logs and captures; the same whichever part of a run it is in. */
  readonly folder: string
  readonly lab: Lab
  readonly variant: Variant
  /** The image that the command line chooses; what the lab names, or else the usual one, when absent. */
  readonly image?: string
  /** Counted from 1. */
  readonly repetition: number
  /** The name of the scope that this one is another try of, because a case of it was inconclusive. */
  readonly retryOf?: string
  readonly trial?: {
    readonly mutation: Pick<Mutation, 'name' | 'source'>
    readonly trial: Trial
    /** Set when the mutation is made by machine. */
    readonly mutant?: Mutant
  }
  /** The other variants of a mutant, to be tried one after another until it is caught. */
  readonly otherwise?: readonly Scope[]
}

/** A lab of a run, or of it only the variant that the command line names. */
export interface Selection {
  readonly lab: Lab
  readonly variant?: string
}

/** Another try of a scope, counted from 2. No other scope's folder has a plus sign. */
export const scopeToRetry = (first: Scope, attempt: number): Scope => ({
  ...first,
  name: `${first.name}, try ${attempt}`,
  folder: `${first.folder}+${attempt}`,
  retryOf: first.retryOf ?? first.name,
})

/** All variants selected, each as often as asked; a whole round before the next. */
export function scopesToRun(selections: readonly Selection[], repeat: number): Scope[] {
  const rounds = Array.from({ length: repeat }, (_, at) => at + 1)
  return withFolders(
    rounds.flatMap((repetition) =>
      selections.flatMap(({ lab, variant: only }) =>
        lab.variants
          .filter(({ name }) => only === undefined || name === only)
          .map((variant) => ({
            name: `${lab.name}/${variant.name}${repetition > 1 ? ` #${repetition}` : ''}`,
            lab,
            variant,
            repetition,
          })),
      ),
    ),
  )
}

/**
 * All trials of the mutations of the labs selected; of those named `chosen` alone, when some are.
 * @throws WirelabError of kind usage for a name that no mutation has
 */
export function scopesToMutate(selections: readonly Selection[], chosen: readonly string[] = []): Scope[] {
  const names = selections.flatMap(({ lab }) => lab.mutations.map(({ name }) => name))
  for (const name of chosen) if (!names.includes(name)) throw unknownMutation(name, names)
  const isChosen = ({ name }: Mutation) => chosen.length === 0 || chosen.includes(name)
  return withFolders(
    selections.flatMap(({ lab, variant: only }) =>
      lab.mutations.filter(isChosen).flatMap((mutation) =>
        mutation.trials
          .filter(({ variant }) => only === undefined || variant.name === only)
          .map((trial) => ({
            name: `${lab.name}/${trial.variant.name} (${mutation.name})`,
            lab,
            variant: trial.variant,
            repetition: 1,
            trial: { mutation, trial },
          })),
      ),
    ),
  )
}

/** The scopes with a folder for each. */
export function withFolders(scopes: readonly Omit<Scope, 'folder'>[]): Scope[] {
  const folders = scopeFolders(scopes.map(({ name }) => name))
  return scopes.map((scope, at) => ({ ...scope, folder: folders[at] ?? '' }))
}

/** The mistake of who names a mutation that is none of `names`. */
export function unknownMutation(name: string, names: readonly string[]) {
  const nearest = nearestWord(name, names)
  return usageError(
    `cannot make the mistake "${name}": no mutation has that name`,
    nearest === undefined
      ? `there are: ${names.map((known) => `"${known}"`).join(', ')}`
      : `did you mean "${nearest}"?`,
  )
}
