import type { Lab, Mutant, Variant } from './lab/lab.ts'
import { type Scope, type Selection, unknownMutation, withFolders } from './scopes.ts'

/** A choice of mutants: so many of all, by a seed. */
export interface Sample {
  readonly size: number
  readonly seed: number
}

/** A mutant of a lab selected, in those variants that are. */
export interface SelectedMutant {
  readonly lab: Lab
  readonly mutant: Mutant
}

/**
 * The mutants of the labs selected, lab by lab; of those named `chosen` alone, when some are.
 * @throws WirelabError of kind usage for a name that no mutant has
 */
export function mutantsOf(selections: readonly Selection[], chosen: readonly string[] = []): SelectedMutant[] {
  const all = selections.flatMap(({ lab, variant: only }) =>
    lab
      .makeMutants()
      .map((mutant) => ({
        ...mutant,
        trials: mutant.trials.filter(({ variant }) => (only ?? variant.name) === variant.name),
      }))
      .filter(({ trials }) => trials.length > 0)
      .map((mutant) => ({ lab, mutant })),
  )
  const names = all.map(({ mutant: { name } }) => name)
  for (const name of chosen) if (!names.includes(name)) throw unknownMutation(name, names)
  return chosen.length === 0 ? all : all.filter(({ mutant: { name } }) => chosen.includes(name))
}

/** Those of a sample, in the order in which they were; all of them when it is as large. */
export function sampleOf<T>(all: readonly T[], { size, seed }: Sample): T[] {
  const random = randomBy(seed)
  const drawn = all.map((_, at) => ({ at, lot: random() })).toSorted((left, right) => left.lot - right.lot)
  const places = new Set(drawn.slice(0, size).map(({ at }) => at))
  return all.filter((_, at) => places.has(at))
}

/** A scope for each mutant, which has its further variants with it. */
export function scopesToTry(mutants: readonly SelectedMutant[]): Scope[] {
  const scopes = withFolders(
    mutants.flatMap(({ lab, mutant }) =>
      mutant.trials.map((trial, at) => {
        const nameIn = ({ name }: Variant) => `${lab.name}/${name} (${mutant.name})`
        const first = mutant.trials[0]?.variant ?? trial.variant
        return {
          name: nameIn(trial.variant),
          lab,
          variant: trial.variant,
          repetition: 1,
          ...(at === 0 ? {} : { retryOf: nameIn(first) }),
          trial: { mutation: { name: mutant.name, source: mutant.place }, trial, mutant },
        }
      }),
    ),
  )
  return scopes
    .filter(({ retryOf }) => retryOf === undefined)
    .map((first) => ({ ...first, otherwise: scopes.filter(({ retryOf }) => retryOf === first.name) }))
}

/** Numbers from 0 to 1 that look random, the same for the same seed. */
function randomBy(seed: number): () => number {
  // mulberry32, by Tommy Ettinger; in the public domain.
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
