/** How a case ended: the network said yes, the network said no, the machinery could not tell, it was not tried. */
export type Outcome = 'passed' | 'failed' | 'error' | 'skipped'

const severity: Record<Outcome, number> = { skipped: 0, passed: 1, error: 2, failed: 3 }

/** The worst of several outcomes; an empty list is skipped. That the network said no hides behind no error. */
export function worstOutcome(outcomes: Iterable<Outcome>): Outcome {
  let worst: Outcome = 'skipped'
  for (const outcome of outcomes) if (severity[outcome] > severity[worst]) worst = outcome
  return worst
}

/**
 * The outcome of a case that was tried again: what was inconclusive takes what the next try could tell, and that the
 * network said no in any try stands.
 */
export function joinedOutcome(first: Outcome, next: Outcome | undefined): Outcome {
  if (next === 'failed') return 'failed'
  return first === 'error' && next === 'passed' ? 'passed' : first
}

/**
 * What became of a mutant by what became of it in each variant in which it was tried, where passed means that it was
 * caught: it is caught when any variant caught it, and survives only when all could tell.
 */
export function mutantOutcome(outcomes: readonly Outcome[], isExplained: boolean): Outcome {
  if (outcomes.includes('passed')) return isExplained ? 'failed' : 'passed'
  if (outcomes.includes('error')) return 'error'
  return outcomes.includes('failed') && !isExplained ? 'failed' : 'skipped'
}

/** Exit code of a run whose worst outcome is this. */
export const exitCodeOf = (outcome: Outcome): number => ({ passed: 0, skipped: 0, failed: 1, error: 3 })[outcome]
