import type { Lab } from './lab.ts'
import { isBounded } from './mutations/is-bounded.ts'
import { casesIn } from './mutations/references.ts'
import { resolveMutations, wordsOfSteps } from './mutations/resolve-mutations.ts'
import type { AssertionTable } from './parts/variant-context.ts'
import { resolveVariant } from './resolve-variant.ts'
import { checkShape } from './schema/check-shape.ts'
import { headSchema } from './schema/schema.ts'
import { type Diagnostic, type Findings, gatherFindings, type Report } from './text/diagnostics.ts'
import { asMapping, fieldOf } from './text/mapping.ts'
import { nearestWord } from './text/nearest.ts'
import { type LabFile, readLabFile } from './text/read-lab-file.ts'
import type { Tree } from './text/tree.ts'
import { parseYaml, plainOf } from './text/yaml-tree.ts'
import { newAllowance } from './values/allowance.ts'
import { placeholders } from './values/fill.ts'
import { checkStepVariants, type RawVariant, readVariants } from './values/read-variants.ts'

/** A lab, or everything that is wrong with its file: exactly one of the two. */
export type LoadedLab =
  | { readonly lab: Lab; readonly diagnostics?: undefined }
  | { readonly lab?: undefined; readonly diagnostics: readonly Diagnostic[] }

/**
 * Reads a lab file, or the `lab.yaml` of a folder, with the files that it copies. Mistakes are collected, not thrown.
 * `table` holds the assertions that expectations may use.
 */
export function loadLab(path: string, table: AssertionTable): LoadedLab {
  const labFile = readLabFile(path)
  if ('message' in labFile) return { diagnostics: [labFile] }
  const { tree, mistakes } = parseYaml(labFile.text)
  const findings = gatherFindings(labFile.file, labFile.text, tree)
  for (const { span, ...mistake } of mistakes) findings.reportAt(span, mistake)
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
    const empty: Diagnostic = { message: 'cannot read lab file: there is nothing in it', file: labFile.file }
    return { diagnostics: mistakes.length === 0 ? [empty] : findings.list([]) }
  }
  return checkDocument(tree, labFile, findings, table)
}

function checkDocument(tree: Tree, labFile: LabFile, findings: Findings, table: AssertionTable): LoadedLab {
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
  checkUse(labFile, rawVariants, report)

  const common = { table, labFile, sourceOf: findings.sourceOf, allowance: newAllowance() }
  const resolve = (raw: RawVariant, tell: Report) => resolveVariant(root, raw, { ...common, report: tell })
  const variants = rawVariants.map((raw) => {
    const resolved = resolve(raw, findings.reportIn(raw.name))
    return { raw, resolved, findCases: casesIn(resolved.variant.steps) }
  })
  const stepWords = wordsOfSteps(rawSteps)
  const mutations = resolveMutations(fieldOf(root, 'mutations'), { variants, stepWords, resolve, findings })

  const diagnostics = findings.list(rawVariants.map(({ name }) => name))
  if (head === undefined || diagnostics.length > 0) return { diagnostics }
  return {
    lab: {
      name: labFile.name,
      folder: labFile.folder,
      file: labFile.file,
      title: head.value.title,
      ...(head.value.chapter === undefined ? {} : { chapter: head.value.chapter }),
      summary: head.value.summary,
      errata: head.value.errata ?? [],
      variants: variants.map(({ resolved }) => resolved.variant),
      mutations,
    },
  }
}

/** A value that is used nowhere is most likely a misspelt one: the value that was meant keeps its default unnoticed. */
function checkUse({ text }: LabFile, variants: readonly RawVariant[], report: Report): void {
  const hasCopies = /\bcopy\s*:/.test(text)
  const used = new Set(Array.from(text.matchAll(placeholders), (match) => match[1] ?? ''))
  for (const [name, { path }] of variants.flatMap(({ values }) => [...values])) {
    if (used.has(name) || hasCopies) continue
    report(path, {
      message: `cannot find a use of value "${name}"`,
      nearest: () => nearestWord(name, used),
      hint: `nothing in the lab says {{${name}}}`,
      atKey: true,
    })
  }
}
