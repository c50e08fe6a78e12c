import test from 'ava'
import { CORE_SCHEMA, load } from 'js-yaml'
import { assertions } from '../../../assertions/index.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { renderReference } from './render-reference.ts'
import { renderLabSchema } from './render-schema.ts'

const schemaText = renderLabSchema(assertions)
const schema: unknown = JSON.parse(schemaText)

test('an example in the reference shows each key, and all that can happen to cables, machines and NICs', (t) => {
  const shown = namesIn(examplesOf(renderReference(schemaText)))
  t.deepEqual(
    namesIn(undefined).filter((name) => !shown.includes(name)),
    [],
  )
})

/** The examples, each as part of a lab. */
const examplesOf = (reference: string): readonly unknown[] =>
  Array.from(reference.matchAll(/^```yaml\n(.*?)^```/gms), ([, text = '']) => {
    const example = load(text, { schema: CORE_SCHEMA })
    if (!Array.isArray(example)) return fieldOf(example, 'steps') === undefined ? { steps: [example] } : example
    const isClaims = example.every((each) => Object.keys(each).some((key) => key in assertions))
    return { steps: isClaims ? [{ expect: example }] : example }
  })

/** The keys that labs use with what they mean, and the words of events; of no labs, all that there are. */
function namesIn(labs: readonly unknown[] | undefined): readonly string[] {
  const names = new Set<string>()
  for (const lab of labs ?? [undefined]) collect(schema, lab, '', labs === undefined, names)
  return [...names]
}

function collect(part: unknown, value: unknown, name: string, isAll: boolean, names: Set<string>): void {
  if (asMapping(part) === undefined) return
  for (const option of ['anyOf', 'oneOf'].flatMap((key) => listOf(fieldOf(part, key))))
    collect(option, value, name, isAll, names)
  const words = /^(state|direction):/.test(name) ? listOf(fieldOf(part, 'enum')) : []
  for (const word of words) if (isAll || word === value) names.add(`${word} as ${name}`)
  for (const item of isAll ? [undefined] : listOf(value)) collect(fieldOf(part, 'items'), item, name, isAll, names)
  const properties = asMapping(fieldOf(part, 'properties')) ?? {}
  for (const [key, keySchema] of Object.entries(properties)) {
    const held = fieldOf(value, key)
    if (!isAll && held === undefined) continue
    const meaning = `${key}: ${fieldOf(keySchema, 'description')}`
    names.add(meaning)
    collect(keySchema, held, meaning, isAll, names)
  }
  const free = Object.entries(asMapping(value) ?? {}).flatMap(([key, held]) => (key in properties ? [] : [held]))
  for (const held of isAll ? [undefined] : free)
    collect(fieldOf(part, 'additionalProperties'), held, name, isAll, names)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
