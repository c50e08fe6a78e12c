/** How a case ended: the network said yes, the network said no, the machinery could not tell, it was not tried. */
export type Outcome = 'passed' | 'failed' | 'error' | 'skipped'

const severity: Record<Outcome, number> = { skipped: 0, passed: 1, error: 2, failed: 3 }

/** The worst of several outcomes; an empty list is skipped. That the network said no hides behind no error. */
export function worstOutcome(outcomes: Iterable<Outcome>): Outcome {
  let worst: Outcome = 'skipped'
  for (const outcome of outcomes) if (severity[outcome] > severity[worst]) worst = outcome
  return worst
}

/** Exit code of a run whose worst outcome is this. */
export const exitCodeOf = (outcome: Outcome): number => ({ passed: 0, skipped: 0, failed: 1, error: 3 })[outcome]
