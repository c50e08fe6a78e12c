import type { Judgement } from './assertion.ts'

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
