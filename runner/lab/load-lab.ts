import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import type { Lab, Mutant } from './lab.ts'
import { isBounded } from './mutations/is-bounded.ts'
import type { MutationContext, VariantForms } from './mutations/make-mistake.ts'
import { makeMutants, type Survives } from './mutations/make-mutants.ts'
import { casesIn } from './mutations/references.ts'
import { resolveMutations, wordsOfSteps } from './mutations/resolve-mutations.ts'
import { checkScripts } from './parts/check-scripts.ts'
import { findLacks } from './parts/find-lacks.ts'
import type { AssertionTable, VariantContext } from './parts/variant-context.ts'
import { resolveVariant } from './resolve-variant.ts'
import { checkShape } from './schema/check-shape.ts'
import { headSchema } from './schema/schema.ts'
import { type Diagnostic, type Findings, gatherFindings, type Report, type SourceText } from './text/diagnostics.ts'
import { asMapping, fieldOf } from './text/mapping.ts'
import { nearestWord } from './text/nearest.ts'
import { type LabFile, readLabFile } from './text/read-lab-file.ts'
import type { Tree } from './text/tree.ts'
import { parseYaml, plainOf } from './text/yaml-tree.ts'
import { newAllowance } from './values/allowance.ts'
import { expandSteps, maxSteps, type StepPart } from './values/expand-steps.ts'
import { placeholders } from './values/placeholders.ts'
import { checkStepVariants, type RawVariant, readVariants } from './values/read-variants.ts'

/** A lab, or everything that is wrong with its file: exactly one of the two. */
export type LoadedLab =
  | { readonly lab: Lab; readonly diagnostics?: undefined }
  | { readonly lab?: undefined; readonly diagnostics: readonly Diagnostic[] }

/**
 * Reads a lab file, or the `lab.yaml` of a folder, with the files that it copies. Mistakes are collected, not thrown.
 * `table` holds the assertions that expectations may use; `imagesFor` returns the names of the images that a lab in a
 * folder may use, any when left out.
 */
export function loadLab(path: string, table: AssertionTable, imagesFor?: ImagesFor): LoadedLab {
  const labFile = readLabFile(path)
  if ('message' in labFile) return { diagnostics: [labFile] }
  const { tree: written, mistakes } = parseYaml(labFile.text)
  const { tree, places, parts, isTooLong, included, mistakes: ofIncludes } = expandSteps(written, labFile)
  const gather = () => gatherFindings(labFile.file, labFile.text, places, included)
  const findings = gather()
  for (const { span, ...mistake } of [...mistakes, ...ofIncludes]) findings.reportAt(span, mistake)
  if (isTooLong) findings.reportIn()(['steps'], { message: tooManySteps, hint: inParts, atKey: true })
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
    const empty: Diagnostic = { message: 'cannot read lab file: there is nothing in it', file: labFile.file }
    return { diagnostics: mistakes.length === 0 ? [empty] : findings.list([]) }
  }
  // What is not included is missed everywhere.
  if (ofIncludes.length > 0) return { diagnostics: findings.list([]) }
  const images = imagesFor && (() => imagesFor(labFile.folder))
  return checkDocument(tree, labFile, findings, { table, images, parts, included, gather })
}

/** What a lab is read from. */
interface Sources {
  readonly included: readonly SourceText[]
  /** Gathers more of what there is to say of them. */
  gather(): Findings
}

type ImagesFor = (folder: string) => readonly string[]

function checkDocument(
  tree: Tree,
  labFile: LabFile,
  findings: Findings,
  known: Pick<VariantContext, 'table' | 'images' | 'parts'> & Sources,
): LoadedLab {
  const report = findings.reportIn()
  const root = asMapping(plainOf(tree))
  if (root === undefined) {
    report([], { message: 'cannot read lab file: expected a mapping with title, summary, nodes and steps' })
    return { diagnostics: findings.list([]) }
  }
  const head = checkShape(headSchema, root, [], report)
  const rawVariants = readVariants(fieldOf(root, 'values'), fieldOf(root, 'variants'), report)
  const steps = fieldOf(root, 'steps')
  const rawSteps: readonly unknown[] = Array.isArray(steps) ? steps : []
  if (!isBounded(tree.size, rawVariants.length, fieldOf(root, 'mutations'), report))
    return { diagnostics: findings.list([]) }
  checkStepVariants(rawSteps, rawVariants, report)
  const texts = [labFile, ...known.included].map(({ text }) => text)
  checkUse(texts.join('\n'), rawVariants, known.parts, report)

  const common = { ...known, labFile, sourceOf: findings.sourceOf, allowance: newAllowance() }
  const resolve = (raw: RawVariant, tell: Report) => resolveVariant(root, raw, { ...common, report: tell })
  const variants = rawVariants.map((raw) => {
    const resolved = resolve(raw, findings.reportIn(raw.name))
    return { raw, resolved, findCases: casesIn(resolved.variant.steps) }
  })
  const stepWords = wordsOfSteps([...rawSteps, ...variants.flatMap(({ resolved }) => resolved.variant.steps)])
  const context: MutationContext = { variants, rawSteps, stepWords, size: tree.size, resolve, findings }
  const mutations = resolveMutations(fieldOf(root, 'mutations'), context)

  const survives = head?.value.survives ?? {}
  const mutants = mutantsOf(root, context, common, survives)
  const list = () => findings.list(rawVariants.map(({ name }) => name))
  const mistakes = list()
  // Only of a lab that is right it is known which commands and mutants it has.
  if (mistakes.length === 0) {
    checkScripts(
      variants.map(({ resolved }) => resolved.variant),
      mutations.flatMap(mendsOf),
      findings.reportIn,
    )
    checkSurvives(Object.keys(survives), mutants, report)
  }
  const diagnostics = mistakes.length === 0 ? list() : mistakes
  if (head === undefined || diagnostics.length > 0) return { diagnostics }
  return {
    lab: {
      name: labFile.name,
      folder: labFile.folder,
      file: labFile.file,
      included: known.included.map(({ file }) => file),
      copied: [...common.allowance.copied],
      title: head.value.title,
      ...(head.value.chapter === undefined ? {} : { chapter: head.value.chapter }),
      tags: head.value.tags ?? [],
      summary: head.value.summary,
      errata: head.value.errata ?? [],
      variants: variants.map(({ resolved }) => resolved.variant),
      mutations,
      makeMutants() {
        const made = mutants()
        if (made === undefined) throw usageError(`cannot make mutants of ${labFile.name}: ${tooMany}`, inParts)
        return made
      },
      findLacks: (imageOf) => lacksOf(variants, imageOf, known.gather()),
    },
  }
}

/** What mends the lab after a mutation that is a puzzle, and where that stands. */
const mendsOf = ({ trials }: Lab['mutations'][number], index: number) =>
  trials.flatMap(({ variant: { name }, puzzle }) =>
    (puzzle?.mend ?? []).flatMap((mend, nth) =>
      'event' in mend ? [] : [{ name, text: mend.commands, path: ['mutations', index, 'puzzle', 'mend', nth, 'run'] }],
    ),
  )

function lacksOf(
  variants: readonly VariantForms[],
  imageOf: Parameters<Lab['findLacks']>[0],
  { reportIn, list }: Findings,
): readonly Diagnostic[] {
  for (const { resolved } of variants)
    findLacks(resolved.variant, (machine) => imageOf(resolved.variant, machine), reportIn(resolved.variant.name))
  return list(variants.map(({ raw }) => raw.name))
}

const tooManySteps = `cannot use more than ${maxSteps} steps, those for each node and item counted`
const tooMany = 'there would be too many mutants'
const inParts = 'make several labs of it'

/**
 * Makes the mutants when it is first asked, and returns the same ever after; undefined when there are too many.
 * Variants
 * with another value are read without what is claimed of their steps, and by an allowance of their own.
 */
function mutantsOf(root: object, context: MutationContext, common: CommonContext, survives: Survives): Mutants {
  let made: { readonly mutants: readonly Mutant[] | undefined } | undefined
  return () => {
    if (made !== undefined) return made.mutants
    const steps = context.rawSteps.map((step) => {
      const { expect: _, ...done } = asMapping(step) ?? {}
      return done
    })
    const allowance = { ...newAllowance(), files: common.allowance.files }
    const resolve = (raw: RawVariant, report: Report) =>
      resolveVariant({ ...root, steps }, raw, { ...common, allowance, report })
    const mutants = makeMutants({ ...context, resolve }, survives)
    made = { mutants: allowance.characters < 0 ? undefined : mutants }
    return made.mutants
  }
}

type CommonContext = Omit<VariantContext, 'variant' | 'values' | 'report'>
type Mutants = () => readonly Mutant[] | undefined

/** What is explained under a name that no mutant has is explained of nothing. */
function checkSurvives(explained: readonly string[], mutants: Mutants, report: Report): void {
  if (explained.length === 0) return
  const made = mutants()
  if (made === undefined) {
    report(['survives'], { message: `cannot check what survives: ${tooMany}`, hint: inParts, atKey: true })
    return
  }
  const names = new Set(made.map(({ name }) => name))
  for (const name of explained) {
    if (names.has(name)) continue
    report(['survives', name], {
      message: `cannot explain why "${name}" survives: no mutant has this name`,
      nearest: () => nearestWord(name, names),
      hint: `${ownCommand('mutate NAME -- --auto --list')} prints the names`,
      atKey: true,
    })
  }
}

/** A value that is used nowhere is most likely a misspelt one: the value that was meant keeps its default unnoticed. */
function checkUse(text: string, variants: readonly RawVariant[], parts: readonly StepPart[], report: Report): void {
  const hasCopies = /\bcopy\s*:/.test(text)
  const used = new Set(Array.from(text.matchAll(placeholders), (match) => match[1] ?? ''))
  for (const [name, { path }] of [...variants, ...parts].flatMap(({ values }) => [...values])) {
    if (used.has(name) || hasCopies || name === 'each' || name === 'node') continue
    report(path, {
      message: `cannot find a use of value "${name}"`,
      nearest: () => nearestWord(name, used),
      hint: `nothing in the lab says {{${name}}}`,
      atKey: true,
    })
  }
}
