import { dirname, join } from 'node:path'
import type { Mutant, MutantPlace, Step, Trial, Variant } from '../lab.ts'
import { type Path, printable } from '../text/diagnostics.ts'
import { mutators } from './auto/index.ts'
import { mutableSteps, withText } from './auto/mutable-steps.ts'
import { isSpent, type MutantAllowance, newMutantAllowance } from './auto/mutant-allowance.ts'
import type { Change, Edit, MutableText, Mutator } from './auto/mutator.ts'
import { type Origins, originsOf } from './auto/origins.ts'
import { compare, emptied, type Mistaken, type MutationContext, mistakeIn, type VariantForms } from './make-mistake.ts'

/** Why mutants are no hole in the claims though no claim catches them, by their names. */
export type Survives = Readonly<Record<string, string>>

/** A mutant while its trials are being gathered. */
interface Draft {
  readonly name: string
  readonly kind: Mutant['kind']
  readonly change: string
  readonly place: MutantPlace
  readonly trials: Trial[]
}

/** What a change is in one variant. */
interface Made extends Omit<Draft, 'trials' | 'kind'> {
  /** The same in all variants in which it is the same change of the file. */
  readonly key: string
  make(): Mistaken | undefined
  /** How much of the file `make` reads anew; undefined for nothing. */
  readonly reads?: number
}

/**
 * All mutants of a lab, step by step, each in the variants in which it changes something; undefined when they are more
 * than `newMutantAllowance` grants.
 */
export function makeMutants(context: MutationContext, survives: Survives): readonly Mutant[] | undefined {
  const allowance = newMutantAllowance()
  const drafts = new Map<string, Draft>()
  const variants = context.variants.map((forms) => ({
    forms,
    steps: mutableSteps(forms.resolved.variant, context.rawSteps, allowance),
  }))
  for (const index of context.rawSteps.keys()) {
    for (const mutator of mutators) {
      for (const { forms, steps } of variants) {
        if (isSpent(allowance)) return undefined
        const step = steps.get(index)
        const changes = step === undefined ? [] : mutator.changes(step)
        allowance.changes -= changes.length
        allowance.steps -= changes.length * forms.resolved.variant.steps.length
        if (step === undefined || isSpent(allowance)) continue
        const made = changes.map((change) => madeOf(change, mutator, step.step, forms, context))
        // Two spots of a step may have one value.
        for (const one of new Map(made.map((each) => [each.key, each])).values()) {
          add(one, mutator, forms.resolved.variant, drafts, allowance)
        }
      }
    }
  }
  return isSpent(allowance) ? undefined : named([...drafts.values()], survives)
}

function add(
  { key, make, reads = 0, ...made }: Made,
  { kind }: Mutator,
  { name }: Variant,
  drafts: Map<string, Draft>,
  allowance: MutantAllowance,
): void {
  const known = drafts.get(key)
  if (known?.trials.some(({ variant }) => variant.name === name)) return
  allowance.read -= reads
  if (isSpent(allowance)) return
  const mistaken = make()
  if (mistaken === undefined) return
  const trial: Trial = { ...mistaken, caughtBy: [] }
  if (known === undefined) drafts.set(key, { ...made, kind, trials: [trial] })
  else known.trials.push(trial)
}

/** Mutants with names of their own: of those that are called alike, all but the first have a number. */
function named(drafts: readonly Draft[], survives: Survives): readonly Mutant[] {
  const counts = new Map<string, number>()
  return drafts.map((draft) => {
    const count = (counts.get(draft.name) ?? 0) + 1
    counts.set(draft.name, count)
    const name = printable(count === 1 ? draft.name : `${draft.name} (${count})`)
    const why = Object.hasOwn(survives, name) ? survives[name] : undefined
    return { ...draft, name, ...(why === undefined ? {} : { survives: why }) }
  })
}

function madeOf(change: Change, mutator: Mutator, step: Step, forms: VariantForms, context: MutationContext): Made {
  const { variant, values, ownValues } = forms.resolved
  const label = step.id ?? step.name
  const put = (other: (step: Step) => Step | undefined) => () =>
    compare(variant, (one) => (one.index === step.index ? other(one) : one))
  if (change.what === 'step') {
    const place = { ...step.source, text: context.findings.lineAt(step.source) }
    return {
      key: `${step.index}`,
      name: `${label}: left out`,
      change: 'the step is left out',
      place,
      make: put(emptied),
    }
  }
  const { text, part } = change
  const origins = originsOf(text, ownValues.get(step.index) ?? values)
  const [first] = change.what === 'words' ? change.edits : [part]
  const value =
    change.what === 'words' && change.edits.length === 1 ? origins.valueAt(first.start, first.end) : undefined
  // A step's own value is changed where it stands in the text: nothing else has it.
  const isOfVariant = value !== undefined && forms.raw.values.has(value)
  if (isOfVariant && change.what === 'words') return madeOfValue(value, change.edits[0], text, forms, context)
  const from = origins.templateOffset(first.start, 'start')
  const words =
    change.what === 'command' ? lineOf(text.origin.template, from, part, origins) : swapped(change.edits, text)
  const where = text.origin.file ?? label
  const line = lineAround(text.origin.template, from)
  const edits = change.what === 'command' ? [{ ...part, with: ':' }] : change.edits
  return {
    // The other end of an address is another in each variant; it is the same swap.
    key: JSON.stringify([step.index, text.action, text.nth, from, mutators.indexOf(mutator)]),
    name: change.what === 'command' ? `${where}: without "${words}"` : `${where}: ${words} in "${line}"`,
    change: change.what === 'command' ? 'the command is left out' : words,
    place: placeOf(step, text, from, context),
    make: put((one) => withText(one, text, edited(text.text, edits))),
  }
}

/** Another value, wherever it is used. */
function madeOfValue(
  value: string,
  edit: Edit,
  { text }: MutableText,
  forms: VariantForms,
  context: MutationContext,
): Made {
  const { sourceOf, lineAt } = context.findings
  const path = forms.raw.values.get(value)?.path ?? []
  const source = sourceOf(path)
  const words = `"${text.slice(edit.start, edit.end)}" -> "${edit.with}"`
  return {
    key: `${value} ${words}`,
    reads: context.size,
    name: `value ${value}: ${words}`,
    change: words,
    place: { ...source, text: lineAt(source) },
    make() {
      let isSound = true
      const raw = { name: value, values: { [value]: edit.with }, 'caught-by': [] }
      const mistaken = mistakeIn(raw, path, forms, context, () => {
        isSound = false
      })
      return isSound ? mistaken : undefined
    },
  }
}

const swapped = (edits: readonly Edit[], { text }: MutableText): string =>
  edits
    .slice(0, 1)
    .map(({ start, end, with: other }) => `"${text.slice(start, end)}" ${edits.length > 1 ? '<->' : '->'} "${other}"`)
    .join()

/** A command as it stands in the lab, in a line. */
function lineOf(template: string, from: number, { end }: { readonly end: number }, origins: Origins): string {
  const [first = '', ...more] = template.slice(from, origins.templateOffset(end, 'end')).split('\n')
  return inALine(more.length === 0 ? first : `${first.replace(/\s*\\$/, '')} …`)
}

const lineAround = (template: string, at: number): string =>
  inALine(template.slice(template.lastIndexOf('\n', at - 1) + 1).split('\n')[0] ?? '')

/** In one line, and cut where it is longer than anybody reads in a name. */
function inALine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > maxNameLength ? `${line.slice(0, maxNameLength)}…` : line
}

const maxNameLength = 200

const edited = (text: string, edits: readonly Edit[]): string =>
  edits
    .toSorted((left, right) => right.start - left.start)
    .reduce((changed, { start, end, with: other }) => changed.slice(0, start) + other + changed.slice(end), text)

/** Where in the lab file, or in a file that it copies, an offset of a template stands. */
function placeOf(step: Step, { origin }: MutableText, at: number, { findings }: MutationContext): MutantPlace {
  const before = origin.template.slice(0, at).split('\n')
  const inLine = before.at(-1)?.length ?? 0
  if (origin.file !== undefined) {
    const text = origin.template.split('\n')[before.length - 1] ?? ''
    return { file: join(dirname(step.source.file), origin.file), line: before.length, column: inLine + 1, text }
  }
  const path: Path = ['steps', step.index, ...origin.path]
  const source = findings.sourceOf(path)
  const line = source.line + before.length - 1
  const place = { file: source.file, line, column: source.column + inLine, text: findings.lineAt({ ...source, line }) }
  // Text with escapes or folded lines stands otherwise in the file than in the lab.
  const word = /\S+/.exec(origin.template.slice(at))?.[0] ?? ''
  return place.text.startsWith(word, place.column - 1) ? place : { ...source, text: findings.lineAt(source) }
}
