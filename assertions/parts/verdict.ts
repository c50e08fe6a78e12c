import type { Judgement } from '../assertion.ts'

/** The claim is true. */
export const passed = (found: string): Judgement => ({ verdict: 'passed', found })

/** The claim is false. */
export const failed = (found: string): Judgement => ({ verdict: 'failed', found })

/** It cannot be told whether the claim is true. */
export const inconclusive = (found: string): Judgement => ({ verdict: 'inconclusive', found })

/** Passed when `holds`, else failed. */
export const judged = (holds: boolean, found: string): Judgement => (holds ? passed(found) : failed(found))

/**
 * The node itself has no way to the other: enough to say that it doesn't reach it, but no proof that nobody would
 * answer.
 */
export const whenNothingLeft = (claimsAnswer: boolean, found: string): Judgement =>
  claimsAnswer ? failed(found) : inconclusive(found)
