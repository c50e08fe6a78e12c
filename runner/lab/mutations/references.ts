import { caseNames, declaredCases } from '../case-names.ts'
import type { DeclaredCase, Step } from '../lab.ts'
import { nearestWord } from '../text/nearest.ts'

/** The cases that a reference of a mutation means, or why it means none. */
export type Referred =
  | { readonly cases: readonly string[] }
  | { readonly cause: string; readonly nearest?: string | undefined; readonly hint?: string }

/** A case, and the step that it is of. */
interface CaseOfStep {
  readonly step: Step
  readonly declared: DeclaredCase
}

/**
 * Finds the cases that a reference means: a step's id or name (all its cases), "step / expectation", an expectation's
 * name, or its claim.
 */
export function findCases(reference: string, steps: readonly Step[]): Referred {
  const byId = steps.filter(({ id }) => id === reference)
  const named = byId.length > 0 ? byId : steps.filter(({ name }) => name === reference)
  if (named.length > 1) return { cause: 'several steps have this name', hint: 'give them an id' }
  const [only] = named
  if (only !== undefined) {
    const cases = caseNames(only)
    return cases.length > 0 ? { cases } : { cause: 'the step has no expectations' }
  }
  const all = steps.flatMap((step) => declaredCases(step).map((declared) => ({ step, declared })))
  const meant = all.filter((each) => fits(each, reference))
  if (meant.length === 1) return { cases: meant.map(({ declared }) => declared.caseName) }
  if (meant.length > 1) return { cause: 'several expectations are called so', hint: 'write "step / expectation"' }
  return { cause: 'no step or expectation is called so', nearest: nearestWord(reference, wordsFor(all, steps)) }
}

/** How the lab may call a case besides its case name. */
const namesOf = ({ step, declared: { claim, wanted } }: CaseOfStep): readonly string[] =>
  [claim, wanted].flatMap((name) => [name, `${step.name} / ${name}`])

const fits = (each: CaseOfStep, reference: string): boolean =>
  reference === each.declared.caseName || namesOf(each).includes(reference)

const wordsFor = (cases: readonly CaseOfStep[], steps: readonly Step[]): readonly string[] => [
  ...steps.flatMap(({ id, name }) => (id === undefined ? [name] : [id, name])),
  ...cases.flatMap(namesOf),
]
