import { caseNames } from '../case-names.ts'
import type { Mutation, Step, Trial } from '../lab.ts'
import { checkShape } from '../schema/check-shape.ts'
import { mutationSchema } from '../schema/schema.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import { fillIn } from '../values/fill.ts'
import { checkVariantNames } from '../values/read-variants.ts'
import { type Mistaken, type MutationContext, mistakeIn, type RawMutation, type VariantForms } from './make-mistake.ts'
import { readPuzzle } from './read-puzzle.ts'

/** Reads `mutations` and makes each mistake in each variant where it can be caught. */
export function resolveMutations(mutations: unknown, context: MutationContext): readonly Mutation[] {
  if (mutations === undefined || mutations === null) return []
  const report = context.findings.reportIn()
  if (!Array.isArray(mutations)) {
    report(['mutations'], { message: 'cannot use this as mutations: expected a list', atKey: true })
    return []
  }
  const names = new Set<string>()
  return mutations.flatMap((value: unknown, index): Mutation[] => {
    const path = ['mutations', index]
    const shape = checkShape(mutationSchema, value, path, report)
    if (shape === undefined) return []
    const raw = shape.value
    if (names.has(raw.name)) report([...path, 'name'], { message: `cannot use name "${raw.name}" for two mutations` })
    names.add(raw.name)
    const isWhole = checkMutation(raw, path, context, report)
    const trials = isWhole ? makeTrials(raw, path, context, report) : []
    return [{ name: raw.name, trials, source: context.findings.sourceOf(path) }]
  })
}

/** Checks what doesn't depend on the variant. */
function checkMutation(
  raw: RawMutation,
  path: Path,
  { variants, stepWords }: MutationContext,
  report: Report,
): boolean {
  let isWhole = true
  const refuse: Report = (at, mistake) => {
    isWhole = false
    report(at, mistake)
  }
  const kinds = (['without', 'instead', 'values'] as const).filter((kind) => raw[kind] !== undefined)
  if (kinds.length !== 1) {
    refuse([...path, 'name'], {
      message: `cannot make the mistake "${raw.name}": ${kinds.length === 0 ? 'it says none' : `it says ${kinds.join(' and ')}`}`,
      hint: 'expected one of without, instead or values',
    })
  }
  const known = new Set(variants.flatMap(({ raw: { values } }) => [...values.keys()]))
  for (const name of Object.keys(raw.values ?? {})) {
    if (known.has(name)) continue
    const message = `cannot change value "${name}": the lab has none of this name`
    refuse([...path, 'values', name], { message, nearest: () => nearestWord(name, known), atKey: true })
  }
  const target = raw.without ?? raw.instead?.step
  if (target !== undefined && !stepWords.has(target)) {
    const at = raw.without === undefined ? [...path, 'instead', 'step'] : [...path, 'without']
    refuse(at, {
      message: `cannot find step "${target}"`,
      nearest: () => nearestWord(target, stepWords),
      hint: 'expected the id of a step',
    })
  }
  const all = new Set(variants.map(({ raw: { name } }) => name))
  checkVariantNames(raw.in, [...path, 'in'], all, refuse)
  return isWhole
}

/** Ids and names of steps, as they stand in the file or filled in. */
export const wordsOfSteps = (steps: readonly unknown[]): ReadonlySet<string> =>
  new Set(
    steps.flatMap((step) => [fieldOf(step, 'id'), fieldOf(step, 'name')].filter((word) => typeof word === 'string')),
  )

function makeTrials(raw: RawMutation, path: Path, context: MutationContext, report: Report): readonly Trial[] {
  const asked = context.variants.filter(({ raw: { name } }) => raw.in?.includes(name) ?? true)
  const attempts = asked.map((forms) => attempt(raw, path, forms, context))
  const trials = attempts.flatMap(({ trial }) => (trial === undefined ? [] : [trial]))
  if (attempts.some(({ isSound }) => !isSound)) return trials
  // Without `in`, a variant that lacks the step or a case is none of the mutation's, unless all are like that; then
  // those tell most in which the mistake could be made.
  const made = attempts.filter(({ isMade }) => isMade)
  const blamed = raw.in !== undefined ? attempts : trials.length > 0 ? [] : made.length > 0 ? made : attempts
  for (const { complain, trial } of blamed) if (trial === undefined) complain(report)
  return trials
}

interface Attempt {
  readonly trial?: Trial
  /** False when mistakes elsewhere hide whether there is one here. */
  readonly isSound: boolean
  /** Whether the mistake changes something in the variant. */
  readonly isMade: boolean
  /** Reports why there is no trial. */
  complain(report: Report): void
}

function attempt(raw: RawMutation, path: Path, forms: VariantForms, context: MutationContext): Attempt {
  const { values, isSound, variant } = forms.resolved
  const report = context.findings.reportIn(variant.name)
  const mistaken = mistakeIn(raw, path, forms, context, report)
  const references = fillIn(raw['caught-by'], [...path, 'caught-by'], values, report).value
  const caught = (Array.isArray(references) ? [...new Set(references.map(String))] : []).map((reference) => ({
    reference,
    referred: forms.findCases(reference),
  }))
  const cases = [...new Set(caught.flatMap(({ referred }) => ('cases' in referred ? referred.cases : [])))]
  const complaints = caught.flatMap(({ reference, referred }, index) => {
    const at = [...path, 'caught-by', index]
    const message = `cannot catch the mistake by "${reference}"`
    if (!('cases' in referred)) {
      const { cause, nearest, hint } = referred
      return [{ at, mistake: { message: `${message}: ${cause}`, nearest, hint } }]
    }
    const cause = mistaken === undefined ? undefined : tooEarly(referred.cases, mistaken)
    return cause === undefined ? [] : [{ at, mistake: { message: `${message}: ${cause}` } }]
  })
  const complain = (tell: Report) => {
    for (const { at, mistake } of complaints) tell(at, mistake)
    if (mistaken === undefined && complaints.length === 0) {
      const where = raw.in === undefined ? 'any variant' : `variant ${variant.name}`
      tell([...path, 'name'], { message: `cannot make the mistake "${raw.name}": it changes nothing in ${where}` })
    }
  }
  if (mistaken === undefined || complaints.length > 0) return { isSound, isMade: mistaken !== undefined, complain }
  const puzzle = readPuzzle(raw.puzzle, [...path, 'puzzle'], forms.resolved, mistaken.changedAt, report)
  const { changedAt } = mistaken
  const trial = { variant: mistaken.variant, changedAt, caughtBy: cases, ...(puzzle === undefined ? {} : { puzzle }) }
  return { trial, isSound, isMade: true, complain }
}

/** Why the mistake can't make these cases fail; undefined when it can. */
function tooEarly(cases: readonly string[], { variant, changedAt }: Mistaken): string | undefined {
  const stepOf = new Map<string, Step>()
  for (const step of variant.steps) for (const name of caseNames(step)) stepOf.set(name, step)
  for (const name of cases) {
    const step = stepOf.get(name)
    if (step === undefined) return `"${name}" is not judged when its commands are left out`
    if (step.index < changedAt) return `"${name}" stands before the change`
  }
  return undefined
}
