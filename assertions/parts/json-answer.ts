import type { Answer } from '../assertion.ts'
import { firstLine } from './answer.ts'

/** A value read from JSON, or why it could not be read. */
export type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

/** Reads what a command printed as JSON. Nothing at all is no list: a command that did nothing prints that too. */
export function parseJson({ stdout, stderr }: Answer): Json {
  try {
    return { ok: true, value: JSON.parse(stdout) }
  } catch {
    const line = firstLine(stderr) || firstLine(stdout)
    return { ok: false, why: `the output is not JSON: ${line.slice(0, 200) || 'it is empty'}` }
  }
}
