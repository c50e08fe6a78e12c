import type { Judgement } from '../assertion.ts'

/** The claim is true. */
export function passed(found: string): Judgement {
  return { verdict: 'passed', found }
}

/** The claim is false. */
export function failed(found: string): Judgement {
  return { verdict: 'failed', found }
}

/** It cannot be told whether the claim is true. */
export function inconclusive(found: string): Judgement {
  return { verdict: 'inconclusive', found }
}

/** Passed when `holds`, else failed. */
export function judged(holds: boolean, found: string): Judgement {
  return holds ? passed(found) : failed(found)
}

/** The node itself has no way to the other: enough to say that it doesn't reach it, but no proof that nobody would answer. */
export function whenNothingLeft(claimsAnswer: boolean, found: string): Judgement {
  return claimsAnswer ? failed(found) : inconclusive(found)
}
