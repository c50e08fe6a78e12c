import type { Report } from '../text/diagnostics.ts'
import { fieldOf } from '../text/mapping.ts'

/** How often the whole file is read anew, times its size: some ten times what a large lab comes to. */
const maxRead = 250_000
/** How often mutations are compared with the whole file, times its size. */
const maxCompared = 20_000_000

/** Whether the variants and mutations of a file of this size can be checked in seconds; reports when they can't. */
export function isBounded(size: number, variants: number, mutations: unknown, report: Report): boolean {
  const list: readonly unknown[] = Array.isArray(mutations) ? mutations : []
  const readBy = list.filter((mutation) => fieldOf(mutation, 'values') !== undefined).length
  const refuse = (key: string, what: string) => {
    const hint = 'make several labs of it'
    report([key], { message: `cannot check the lab: ${what} of so large a file are too many`, hint, atKey: true })
    return false
  }
  if (size * variants > maxRead) return refuse('variants', `${variants} variants`)
  if (size * variants * (1 + readBy) > maxRead) return refuse('mutations', `${readBy} mutations that change values`)
  if (size * variants * list.length > maxCompared) return refuse('mutations', `${list.length} mutations`)
  return true
}
