import type { Variant } from './lab/lab.ts'
import type { Scope } from './scopes.ts'
import { stepMeasuresTime } from './steps/actions/index.ts'

/** How long scopes took in earlier runs, in milliseconds, by `timeKey`. */
export type ScopeTimes = ReadonlyMap<string, number>

/** What a scope's time is known by: the lab, the variant and the declared mutation. */
export const timeKey = (lab: string, variant: string, mutation?: string): string =>
  `${lab}/${variant}${mutation === undefined ? '' : ` (${mutation})`}`

/** How long a scope took before, in milliseconds; of a mutation or an image that was never tried, its variant. */
export function knownTimeMs({ lab, variant, trial }: Scope, times: ScopeTimes): number | undefined {
  const mutation = trial?.mutant === undefined ? trial?.mutation.name : undefined
  const [plain = ''] = variant.name.split('@')
  const keys = [variant.name, plain].flatMap((name) => [timeKey(lab.name, name, mutation), timeKey(lab.name, name)])
  return keys.map((key) => times.get(key)).find((ms) => ms !== undefined)
}

/**
 * Returns how long each of the scopes is expected to take, in milliseconds: as before, or else by the kind of lab, in
 * proportion to what was known of the others.
 */
export function expectTimes(scopes: readonly Scope[], times: ScopeTimes): ReadonlyMap<Scope, number> {
  const guesses = new Map<Variant, number>()
  const guess = ({ variant }: Scope) => {
    const ms = guesses.get(variant) ?? guessMs(variant)
    guesses.set(variant, ms)
    return ms
  }
  const all = scopes.map((scope) => ({ scope, known: knownTimeMs(scope, times), guessed: guess(scope) }))
  const both = all.filter(({ known }) => known !== undefined)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  const ratio = both.length === 0 ? 1 : sum(both.map(({ known = 0 }) => known)) / sum(both.map((one) => one.guessed))
  return new Map(all.map(({ scope, known, guessed }) => [scope, known ?? guessed * ratio]))
}

/** Fitted to the labs here, emulated on two processors: most are within a factor of two. */
const guessedMs = { machine: 2000, claimOrAction: 300, outage: 12_000 } as const

function guessMs({ nodes, steps }: Variant): number {
  const machines = nodes.filter(({ namespaceOf }) => namespaceOf === undefined).length
  const words = steps.reduce((total, { actions, expectations }) => total + actions.length + expectations.length, 0)
  const outages = steps.filter(stepMeasuresTime).length
  return guessedMs.machine * machines + guessedMs.claimOrAction * words + guessedMs.outage * outages
}
