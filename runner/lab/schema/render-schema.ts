import { z } from 'zod'
import type { Assertion } from '../../../assertions/assertion.ts'
import type { AssertionTable } from '../parts/variant-context.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { expectationLoopSchema, expectationWordsSchema, labSchema, timesSchema } from './schema.ts'

type Json = Readonly<Record<string, unknown>>

/** Parts of a lab file that are the same in all variants: no placeholder is filled in there. */
const fixedParts = new Set(['title', 'chapter', 'tags', 'summary', 'errata', 'variants', 'mutations', 'survives'])

/** The JSON Schema (draft-07) of lab files, as text: with it editors complete keys, explain them and mark mistakes. */
export function renderLabSchema(table: AssertionTable): string {
  const schema = jsonSchemaOf(labSchema(z.unknown()))
  const properties = asMapping(fieldOf(schema, 'properties')) ?? {}
  const withExpectations = replaceItems(properties, expectationSchema(table))
  const filled = mapValues(withExpectations, (part, key) => (fixedParts.has(key) ? part : allowPlaceholders(part)))
  return `${renderJson({ ...schema, title: 'wirelab lab', properties: filled }, '', 0)}\n`
}

function jsonSchemaOf(schema: z.ZodType): Json {
  const { ...json } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' })
  return json
}

const expectationSchema = (table: AssertionTable): Json => ({
  type: 'object',
  description: 'One assertion with its parameters.',
  properties: {
    ...Object.fromEntries(
      Object.entries(expectationWordsSchema.shape).map(([key, word]) => [key, withoutHead(jsonSchemaOf(word))]),
    ),
    each: withoutHead(jsonSchemaOf(expectationLoopSchema)),
    ...Object.fromEntries(Object.entries(table).map(([key, assertion]) => [key, assertionSchema(assertion)])),
  },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 5,
})

const assertionSchema = ({ description, parameters, example }: Assertion<unknown>): Json => ({
  ...withTimes(withoutHead(jsonSchemaOf(parameters))),
  description,
  examples: [example],
})

const withoutHead = ({ $schema: _, ...schema }: Json): Json => schema

/** Adds `within` and `for` to the parameters, in each of their alternatives. */
function withTimes(schema: Json): Json {
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const alternatives = schema[key]
    if (Array.isArray(alternatives)) return { ...schema, [key]: alternatives.map((each) => withTimes(each)) }
  }
  if (fieldOf(schema, 'type') !== 'object') return schema
  const times = asMapping(fieldOf(jsonSchemaOf(timesSchema), 'properties'))
  return { ...schema, properties: { ...asMapping(fieldOf(schema, 'properties')), ...times } }
}

/** Puts the schema of expectations where steps have their list of anything; what includes others has no name. */
function replaceItems(properties: Json, expectation: Json): Json {
  const steps = asMapping(fieldOf(properties, 'steps'))
  const { required, ...step } = asMapping(fieldOf(steps, 'items')) ?? {}
  const keys = asMapping(fieldOf(step, 'properties'))
  const expect = { ...asMapping(fieldOf(keys, 'expect')), items: expectation }
  const anyOf = [{ required }, { required: ['include'] }]
  return { ...properties, steps: { ...steps, items: { ...step, properties: { ...keys, expect }, anyOf } } }
}

const placeholderSchema = { type: 'string', pattern: String.raw`\{\{(kept\.)?[a-z0-9][a-z0-9_-]*\}\}` }

/** Lets `"{{value}}"` stand wherever something narrower than text is wanted. */
function allowPlaceholders(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowPlaceholders)
  const json = asMapping(schema)
  if (json === undefined) return schema
  const isNarrow =
    'enum' in json ||
    'const' in json ||
    'pattern' in json ||
    ['number', 'integer', 'boolean'].includes(String(fieldOf(json, 'type')))
  if (isNarrow) {
    const { description, ...rest } = json
    return { ...(description === undefined ? {} : { description }), anyOf: [rest, placeholderSchema] }
  }
  return mapValues(json, (part, key) => {
    if (key === 'propertyNames' || key === 'examples') return part
    const properties = key === 'properties' ? asMapping(part) : undefined
    return properties === undefined ? allowPlaceholders(part) : mapValues(properties, allowPlaceholders)
  })
}

const mapValues = (json: Json, change: (part: unknown, key: string) => unknown): Json =>
  Object.fromEntries(Object.entries(json).map(([key, part]) => [key, change(part, key)]))

const lineWidth = 120

/** JSON as the project's formatter writes it: lists of words on one line where they fit. */
function renderJson(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item) => renderJson(item, inner, 0))
    const line = `[${items.join(', ')}]`
    const isFlat = value.every((item) => typeof item !== 'object')
    if (isFlat && indent.length + used + line.length < lineWidth) return line
    return `[\n${items.map((item) => inner + item).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value).map(([key, part]) => {
    const start = `${JSON.stringify(key)}: `
    return `${inner}${start}${renderJson(part, inner, start.length)}`
  })
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`
}
