import { z } from 'zod'
import type { Answer, Judgement } from '../assertion.ts'
import { missingDevice, whyNotRun } from './answer.ts'
import { parseJson } from './json-answer.ts'
import { failed, inconclusive } from './verdict.ts'

/** The objects that iproute2 listed, or the judgement that there is when it listed none. */
export type Listing<T> =
  | { readonly objects: readonly T[]; readonly judgement?: never }
  | { readonly objects?: never; readonly judgement: Judgement }

/**
 * Reads the JSON list that an iproute2 command printed (`-j`); its empty objects are left out, as they stand for what
 * a filter removed. A device that isn't there makes a claim of presence false; a claim of absence would be true of a
 * mistyped name as well, and so it is left open.
 */
export function readListing<T>(
  element: z.ZodType<T>,
  answer: Answer | undefined,
  about: string,
  claimsAbsence: boolean,
): Listing<T> {
  if (answer === undefined) return { judgement: inconclusive(`${about}: not asked`) }
  const device = missingDevice(answer)
  if (device !== undefined && !answer.timedOut) {
    const found = `${about}: there is no device ${device}`
    return { judgement: claimsAbsence ? inconclusive(found) : failed(found) }
  }
  const problem = whyUnreadable(answer)
  if (problem !== undefined) return { judgement: inconclusive(`${about}: ${problem}`) }
  const json = parseJson(answer)
  if (!json.ok) return { judgement: inconclusive(`${about}: ${json.why}`) }
  const list = z.array(element).safeParse(withoutEmpty(json.value))
  if (list.success) return { objects: list.data }
  const issue = list.error.issues[0]
  const place = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`
  return { judgement: inconclusive(`${about}: the output is not as expected${place}`) }
}

/**
 * Why there is no listing in an answer: the command did not run, or ended with an error. Undefined when there is one.
 */
export function whyUnreadable(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return 'not asked'
  const problem = whyNotRun(answer)
  if (problem !== undefined || answer.exitCode === 0) return problem
  const message = (answer.stderr.trim() || answer.stdout.trim()).replaceAll(/\s*\n\s*/g, ' ')
  return `exit code ${answer.exitCode}: ${message || 'no message'}`
}

function withoutEmpty(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.filter((item) => typeof item !== 'object' || item === null || Object.keys(item).length > 0)
}
