import test from 'ava'
import { z } from 'zod'
import type { Reference } from './assertion.ts'
import { assertions } from './index.ts'

const named = Object.entries(assertions)

test('assertions are listed by their names, in order', (t) => {
  const names = Object.keys(assertions)
  t.deepEqual(names, names.toSorted())
  for (const name of names) t.regex(name, /^[a-z]+(-[a-z]+)*$/)
})

test('every assertion and every parameter says what it is for', (t) => {
  for (const [name, { description, parameters }] of named) {
    t.regex(description, /^[A-Z].*\.$/, name)
    const { properties = {} } = z.toJSONSchema(parameters, { target: 'draft-7', io: 'input' })
    for (const [key, property] of Object.entries(properties)) {
      t.is(typeof (typeof property === 'object' && property.description), 'string', `${name}.${key}`)
    }
  }
})

test('a parameter that no assertion knows is refused', (t) => {
  for (const [name, { parameters }] of named) t.false(parameters.safeParse({ nonsense: 1 }).success, name)
})

for (const [name, { parameters, example, claim, question, references, probe }] of named) {
  test(`the example of ${name} is one that a lab may have`, (t) => {
    const wanted = parameters.parse(example)
    t.regex(claim(wanted), /\S/)
    t.regex(question(wanted), /^[A-Z].*\S[?.]$/)
    t.not(question(wanted), claim(wanted))
    const named = references(wanted)
    t.true(named.length > 0)
    for (const reference of named) t.true(standsAt(example, reference), JSON.stringify(reference))
    const addresses = Object.fromEntries(named.map((reference) => [reference.name, '10.0.0.1']))
    t.true(probe(wanted, { addresses }).length > 0)
  })
}

/** Whether the name of a reference stands in the parameters at its path: as the key or in the value. */
function standsAt(parameters: unknown, { name, path }: Reference): boolean {
  const value = path.reduce<unknown>((part, key) => Object(part)[key], parameters)
  return value !== undefined && (path.at(-1) === name || (typeof value === 'string' && value.split(':')[0] === name))
}
