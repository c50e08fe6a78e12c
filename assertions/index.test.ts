import test from 'ava'
import { z } from 'zod'
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
