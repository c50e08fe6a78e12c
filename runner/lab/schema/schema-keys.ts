import { z } from 'zod'
import type { Path } from '../text/diagnostics.ts'

/** The keys that a schema knows at a path into a value of it; empty when any key is allowed there. */
export const keysAt = (schema: z.core.$ZodType, path: Path): readonly string[] => [
  ...new Set(schemasAt(schema, path).flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []))),
]

/** The schemas for what stands at a path into a value of a schema: several where there are alternatives. */
export function schemasAt(schema: z.core.$ZodType, path: Path): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => schemasAt(option, path))
  if (schema instanceof z.ZodIntersection) {
    return [schema.def.left, schema.def.right].flatMap((side) => schemasAt(side, path))
  }
  if (schema instanceof z.ZodLazy) return schemasAt(schema.def.getter(), path)
  if (schema instanceof z.ZodPipe) return schemasAt(schema.def.in, path)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return schemasAt(schema.def.innerType, path)
  }
  const [first, ...rest] = path
  if (first === undefined) return [schema]
  if (schema instanceof z.ZodArray) return schemasAt(schema.element, rest)
  if (schema instanceof z.ZodRecord) return schemasAt(schema.valueType, rest)
  if (!(schema instanceof z.ZodObject)) return []
  const child: z.core.$ZodType | undefined = schema.shape[String(first)]
  return child === undefined ? [] : schemasAt(child, rest)
}
