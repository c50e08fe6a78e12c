import { declaredCases } from '../case-names.ts'
import type { DeclaredCase, Step } from '../lab.ts'
import { nearestWord } from '../text/nearest.ts'

/** The cases that a reference of a mutation means, or why it means none. */
export type Referred =
  | { readonly cases: readonly string[] }
  | { readonly cause: string; readonly nearest?: () => string | undefined; readonly hint?: string }

/** A case, and the step that it is of. */
interface CaseOfStep {
  readonly step: Step
  readonly declared: DeclaredCase
}

/** Finds the cases that a reference means in a variant. */
export type FindCases = (reference: string) => Referred

/**
 * Makes the finder of a variant's cases, which gathers them when it is first asked. A reference is a step's id or name
 * (all its cases), "step / expectation", an expectation's name, or its claim.
 */
export function casesIn(steps: readonly Step[]): FindCases {
  let known: KnownCases | undefined
  return (reference) => {
    known ??= gatherCases(steps)
    return findIn(known, reference)
  }
}

interface KnownCases {
  readonly byId: ReadonlyMap<string | undefined, readonly Step[]>
  readonly byName: ReadonlyMap<string, readonly Step[]>
  /** All that a lab may call each case. */
  readonly byWord: ReadonlyMap<string, ReadonlySet<CaseOfStep>>
}

function gatherCases(steps: readonly Step[]): KnownCases {
  const byWord = new Map<string, Set<CaseOfStep>>()
  for (const step of steps) {
    for (const declared of declaredCases(step)) {
      const each = { step, declared }
      for (const word of [declared.caseName, ...namesOf(each)]) {
        const meant = byWord.get(word)
        if (meant === undefined) byWord.set(word, new Set([each]))
        else meant.add(each)
      }
    }
  }
  return {
    byId: Map.groupBy(steps, ({ id }) => id),
    byName: Map.groupBy(steps, ({ name }) => name),
    byWord,
  }
}

function findIn({ byId, byName, byWord }: KnownCases, reference: string): Referred {
  const named = byId.get(reference) ?? byName.get(reference) ?? []
  const [first] = named
  if (first !== undefined) {
    // Those of one place are one step of the file, for several nodes or items.
    const isOne = named.every(
      ({ source }) => source.line === first.source.line && source.column === first.source.column,
    )
    if (!isOne) return { cause: 'several steps have this name', hint: 'give them an id' }
    const cases = named.flatMap(declaredCases).map(({ caseName }) => caseName)
    return cases.length > 0 ? { cases } : { cause: 'the step has no expectations' }
  }
  const meant = [...(byWord.get(reference) ?? [])]
  if (meant.length === 1) return { cases: meant.map(({ declared }) => declared.caseName) }
  if (meant.length > 1) return { cause: 'several expectations are called so', hint: 'write "step / expectation"' }
  const words = () => [...byId.keys(), ...byName.keys(), ...byWord.keys()].filter((word) => word !== undefined)
  return { cause: 'no step or expectation is called so', nearest: () => nearestWord(reference, words()) }
}

/** How the lab may call a case besides its case name. */
const namesOf = ({ step, declared: { claim, wanted } }: CaseOfStep): readonly string[] =>
  [claim, wanted].flatMap((name) => [name, `${step.name} / ${name}`])
