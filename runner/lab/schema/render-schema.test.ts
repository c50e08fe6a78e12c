import { readFileSync } from 'node:fs'
import test from 'ava'
import { assertions } from '../../../assertions/index.ts'
import { fakeTable } from '../../testing/test-labs.ts'
import { renderLabSchema } from './render-schema.ts'

const schemaFile = new URL('../../../labs/lab.schema.json', import.meta.url)

test('labs/lab.schema.json is what the language is now', (t) => {
  const isFresh = readFileSync(schemaFile, 'utf8') === renderLabSchema(assertions)
  t.true(isFresh, 'it is stale: renew it with "npm run schema"')
})

/** All schemas under `properties`, with the names that lead there. */
function propertiesOf(schema: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, part]: [string, unknown]) =>
    key === 'properties' && typeof part === 'object' && part !== null
      ? Object.entries(part).flatMap(([name, each]: [string, unknown]) => [
          [`${path}.${name}`, each] as const,
          ...propertiesOf(each, `${path}.${name}`),
        ])
      : propertiesOf(part, path),
  )
}

test('every key of the language is explained to editors', (t) => {
  const properties = propertiesOf(JSON.parse(renderLabSchema(assertions)))
  const silent = properties.filter(([, schema]) => typeof Object(schema).description !== 'string')
  t.true(properties.length > 60)
  t.deepEqual(
    silent.map(([path]) => path),
    [],
  )
})

test('every assertion takes within and for', (t) => {
  const paths = propertiesOf(JSON.parse(renderLabSchema(fakeTable))).map(([path]) => path)
  for (const key of Object.keys(fakeTable)) {
    t.true(paths.includes(`.steps.expect.${key}.within`), key)
    t.true(paths.includes(`.steps.expect.${key}.for`), key)
  }
})

test('a placeholder may stand for a word of a list and for a number', (t) => {
  const schemas = new Map(propertiesOf(JSON.parse(renderLabSchema(fakeTable))))
  for (const path of ['.steps.expect.ping.is', '.steps.expect.ping.size']) {
    const { anyOf } = Object(schemas.get(path))
    t.is(anyOf?.length, 2, path)
    t.true(new RegExp(anyOf[1].pattern).test('{{value}}'))
  }
})
