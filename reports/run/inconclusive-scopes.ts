import type { RunSummary, ScopeSummary } from './summary.ts'

/**
 * Those of a run of which another try may tell more, as none has yet; of a mutant each variant that could not tell.
 * As for the runner, of a mutation only what became of it counts.
 */
export const inconclusiveScopes = ({ scopes, retries }: RunSummary): ScopeSummary[] =>
  scopes.flatMap((scope) => {
    if (scope.mutated === undefined) return isInconclusive(scope) ? [scope] : []
    if (scope.outcome !== 'error') return []
    const tries = [scope, ...retries.filter(({ started }) => started?.retryOf === scope.scope)]
    return [...Map.groupBy(tries, ({ variant }) => variant).values()].flatMap(([first, ...others]) =>
      first && isInconclusive(first) && others.every(({ outcome }) => outcome === 'error') ? [first] : [],
    )
  })

/** What never came to a verdict broke, and is not inconclusive. */
const isInconclusive = ({ cases, mutated = cases }: ScopeSummary) =>
  mutated.some(({ outcome, verdict }) => outcome === 'error' && verdict !== undefined)
