import { z } from 'zod'
import { line, valuesSchema } from './schema-words.ts'

const maxItems = 256

const tooMany = `expected at most ${maxItems} items`

/** What is done or claimed once for each: a list of items, or items with values of their own. */
export const loopSchema = z.union([
  z
    .array(z.union([line, z.int()]))
    .min(1, 'expected at least one item')
    .max(maxItems, tooMany)
    .refine((items) => new Set(items.map(String)).size === items.length, 'expected each item once'),
  z
    .record(line, valuesSchema)
    .refine((items) => Object.keys(items).length > 0, 'expected at least one item')
    .refine((items) => Object.keys(items).length <= maxItems, tooMany),
])

export type Loop = typeof loopSchema._output
