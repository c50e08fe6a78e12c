import { checkShape } from '../schema/check-shape.ts'
import { nameSchema, valueSchema } from '../schema/schema-words.ts'
import type { Path, Report } from '../text/diagnostics.ts'
import { listNames } from '../text/list-names.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import type { RawValue, RawValues } from './values.ts'

/** A variant as the file declares it, the lab's default values included. */
export interface RawVariant {
  readonly name: string
  readonly values: RawValues
}

/** Reads `values` and `variants`; a lab that declares no variants has one, named `default`. */
export function readVariants(values: unknown, variants: unknown, report: Report): readonly RawVariant[] {
  const defaults = readValues(values, ['values'], report)
  if (variants === undefined) return [{ name: 'default', values: defaults }]
  const mapping = asMapping(variants)
  const entries = Object.entries(mapping ?? {})
  if (entries.length === 0) {
    report(['variants'], {
      message:
        mapping === undefined
          ? 'cannot use this as variants: expected a mapping'
          : 'cannot use variants: there is none',
      hint: 'write each as name: { value: text }, or leave the key out',
      atKey: true,
    })
    return [{ name: 'default', values: defaults }]
  }
  return entries.map(([name, own]) => {
    checkName(name, ['variants', name], 'variant', report)
    return { name, values: new Map([...defaults, ...readValues(own ?? {}, ['variants', name], report)]) }
  })
}

/** Reads a mapping of values; texts only. */
export function readValues(values: unknown, path: Path, report: Report): ReadonlyMap<string, RawValue> {
  if (values === undefined) return new Map()
  const mapping = asMapping(values)
  if (mapping === undefined) {
    report(path, { message: 'cannot use this as values: expected a mapping of texts', atKey: true })
    return new Map()
  }
  return new Map(
    Object.entries(mapping).map(([name, value]) => {
      const at = [...path, name]
      checkName(name, at, 'value', report)
      return [name, { text: checkShape(valueSchema, value, at, report)?.value, path: at }]
    }),
  )
}

/** Whether a step, as it stands in the file, belongs to a variant. */
export function isInVariant(step: unknown, variant: string): boolean {
  const mapping = asMapping(step)
  const only = fieldOf(mapping, 'only-in')
  const not = fieldOf(mapping, 'not-in')
  return !(Array.isArray(only) && !only.includes(variant)) && !(Array.isArray(not) && not.includes(variant))
}

/** Checks `only-in` and `not-in` of all steps. */
export function checkStepVariants(steps: readonly unknown[], variants: readonly RawVariant[], report: Report): void {
  const names = new Set(variants.map(({ name }) => name))
  for (const [index, step] of steps.entries()) {
    const mapping = asMapping(step)
    if (mapping === undefined) continue
    const path = ['steps', index]
    for (const key of ['only-in', 'not-in']) checkVariantNames(mapping[key], [...path, key], names, report)
    if (fieldOf(mapping, 'only-in') !== undefined && fieldOf(mapping, 'not-in') !== undefined) {
      report([...path, 'not-in'], {
        message: 'cannot use "not-in" beside "only-in": one of them says it all',
        atKey: true,
      })
    } else if (!variants.some(({ name }) => isInVariant(step, name))) {
      const key = fieldOf(mapping, 'only-in') === undefined ? 'not-in' : 'only-in'
      report([...path, key], { message: 'cannot use this step: no variant has it', atKey: true })
    }
  }
}

/** Checks a list of names of variants; other things than texts are left to the schema. */
export function checkVariantNames(list: unknown, path: Path, names: ReadonlySet<string>, report: Report): void {
  if (!Array.isArray(list)) return
  for (const [index, name] of list.entries()) {
    if (typeof name !== 'string' || names.has(name)) continue
    report([...path, index], {
      message: `cannot find variant "${name}"`,
      nearest: () => nearestWord(name, names),
      hint: () => `the variants are ${listNames(names)}`,
    })
  }
}

function checkName(name: string, path: Path, what: string, report: Report): void {
  const named = nameSchema.safeParse(name)
  if (named.success) return
  report(path, { message: `cannot use ${what} name "${name}": ${named.error.issues[0]?.message}`, atKey: true })
}
