import { stateError } from '../errors.ts'
import type { Expectation } from '../lab/lab.ts'
import { checkShape } from '../lab/schema/check-shape.ts'
import { fillKeptIn, type Kept } from '../lab/values/kept.ts'
import { assertionNamed } from './judge-answers.ts'

/**
 * The expectation with the values that steps have kept.
 * @throws WirelabError of kind machinery when one is not kept, or is nothing that the assertion takes
 */
export function withKept(expectation: Expectation, kept: Kept): Expectation {
  if (!expectation.holdsKept) return expectation
  const { assertion, parameters } = expectation
  const mistakes: string[] = []
  const filled = fillKeptIn(parameters, kept)
  const anywhere = { isFilled: () => true, isBroken: () => false }
  const note = (_: unknown, { message }: { readonly message: string }) => mistakes.push(message)
  const shape = checkShape(assertionNamed(assertion).parameters, filled, [], note, anywhere)
  if (shape === undefined) throw stateError(mistakes.join('; '))
  return { ...expectation, parameters: shape.value }
}
