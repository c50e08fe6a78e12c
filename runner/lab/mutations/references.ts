import type { ReadStep } from '../parts/read-steps.ts'
import { nearestWord } from '../text/nearest.ts'

/** The cases that a reference of a mutation means, or why it means none. */
export type Referred =
  | { readonly cases: readonly string[] }
  | { readonly cause: string; readonly nearest?: string | undefined; readonly hint?: string }

interface Case {
  readonly step: string
  readonly caseName: string
  /** How the lab may call it besides its case name: its name and its claim. */
  readonly names: readonly string[]
}

/**
 * Finds the cases that a reference means: a step's id or name (all its cases), "step / expectation", an expectation's
 * name, or its claim.
 */
export function findCases(reference: string, steps: readonly ReadStep[]): Referred {
  const byStep = steps.filter(({ step }) => step.id === reference)
  const named = byStep.length > 0 ? byStep : steps.filter(({ step }) => step.name === reference)
  if (named.length > 1) return { cause: 'several steps have this name', hint: 'give them an id' }
  const [only] = named
  if (only !== undefined) {
    const cases = casesOf(only).map(({ caseName }) => caseName)
    return cases.length > 0 ? { cases } : { cause: 'the step has no expectations' }
  }
  const all = steps.flatMap((read) => casesOf(read))
  const meant = all.filter((each) => fits(each, reference))
  if (meant.length === 1) return { cases: meant.map(({ caseName }) => caseName) }
  if (meant.length > 1) return { cause: 'several expectations are called so', hint: 'write "step / expectation"' }
  return { cause: 'no step or expectation is called so', nearest: nearestWord(reference, wordsFor(all, steps)) }
}

function casesOf({ step, expectationNames }: ReadStep): readonly Case[] {
  const refused = step.run?.refusedCaseName
  return [
    ...(refused === undefined ? [] : [{ step: step.name, caseName: refused, names: ['is refused'] }]),
    ...(step.outage?.expectations ?? []).map(({ caseName, words }) => ({ step: step.name, caseName, names: [words] })),
    ...step.expectations.map(({ caseName, claim }, index) => {
      const name = expectationNames[index]
      return { step: step.name, caseName, names: name === undefined ? [claim] : [name, claim] }
    }),
  ]
}

const fits = ({ step, caseName, names }: Case, reference: string): boolean =>
  reference === caseName || names.some((name) => reference === name || reference === `${step} / ${name}`)

const wordsFor = (cases: readonly Case[], steps: readonly ReadStep[]): readonly string[] => [
  ...steps.flatMap(({ step }) => (step.id === undefined ? [step.name] : [step.id, step.name])),
  ...cases.flatMap(({ step, names }) => names.flatMap((name) => [name, `${step} / ${name}`])),
]
