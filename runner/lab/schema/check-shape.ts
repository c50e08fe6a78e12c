import type { z } from 'zod'
import type { Path, Report } from '../text/diagnostics.ts'
import type { Filled } from '../values/fill.ts'
import { explainIssue, flatIssues } from './explain-issue.ts'

const asItStands = { isFilled: () => false, isBroken: () => false }

/**
 * The value that the schema makes of `value`, which stands at `path`; undefined when it doesn't fit, which is reported.
 * Where the schema wants a number or a boolean, the text that a placeholder gave is taken as one.
 */
export function checkShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: Path,
  report: Report,
  filled: Pick<Filled, 'isFilled' | 'isBroken'> = asItStands,
): { readonly value: T } | undefined {
  let result = schema.safeParse(value)
  if (!result.success) {
    const retyped = retypeFilled(value, result.error.issues, (at) => filled.isFilled([...path, ...at]))
    if (retyped !== undefined) result = schema.safeParse(retyped)
  }
  if (result.success) return { value: result.data }
  for (const issue of result.error.issues) {
    for (const { at, mistake } of explainIssue(issue, value, schema)) {
      const whole = [...path, ...at]
      const broken = whole.some((_, depth) => filled.isBroken(whole.slice(0, depth + 1)))
      if (!broken) report(whole, mistake)
    }
  }
  return undefined
}

/** `value` with those texts retyped that came from placeholders; undefined when there are none. */
function retypeFilled(value: unknown, issues: readonly z.core.$ZodIssue[], isFilled: (at: Path) => boolean): unknown {
  let copy: unknown
  for (const issue of issues.flatMap((each) => flatIssues(each))) {
    const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
    if (!isFilled(at)) continue
    copy ??= structuredClone(value)
    const parent = at.slice(0, -1).reduce<unknown>(childOf, copy)
    const last = at.at(-1)
    if (typeof parent !== 'object' || parent === null || last === undefined) continue
    const text: unknown = Reflect.get(parent, last)
    if (typeof text === 'string') Reflect.set(parent, last, retyped(text))
  }
  return copy
}

const childOf = (parent: unknown, key: string | number): unknown =>
  typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key) ? Reflect.get(parent, key) : undefined

function retyped(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text
}
