import { isTrouble } from './outcomes.ts'
import type { JudgedCase, ScopeSummary } from './summary.ts'

/** A case that repetitions of one run saw pass and not pass. */
export interface FlakyCase {
  readonly lab: string
  readonly variant: string
  readonly name: string
  readonly passed: number
  /** Where it did not pass. */
  readonly troubles: readonly { readonly scope: ScopeSummary; readonly judged: JudgedCase }[]
}

/** The cases whose repetitions differ. Mutations are not repetitions of anything. */
export function findFlaky(scopes: readonly ScopeSummary[]): FlakyCase[] {
  const seen = new Map<string, FlakyCase>()
  for (const scope of scopes.filter(({ started }) => started?.mutation === undefined)) {
    for (const judged of scope.cases.filter(({ outcome }) => outcome !== 'skipped')) {
      const key = flakyKey(scope, judged)
      const { lab, variant } = scope
      const { passed, troubles } = seen.get(key) ?? { passed: 0, troubles: [] }
      seen.set(key, {
        lab,
        variant,
        name: judged.name,
        passed: passed + (judged.outcome === 'passed' ? 1 : 0),
        troubles: isTrouble(judged.outcome) ? [...troubles, { scope, judged }] : troubles,
      })
    }
  }
  return [...seen.values()].filter(({ passed, troubles }) => passed > 0 && troubles.length > 0)
}

/** The same for all repetitions of a case. */
export const flakyKey = (
  { lab, variant }: Pick<ScopeSummary, 'lab' | 'variant'>,
  { name }: Pick<JudgedCase, 'name'>,
): string => [lab, variant, name].join('\n')
