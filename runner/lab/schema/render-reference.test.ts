import { readFileSync } from 'node:fs'
import test from 'ava'
import { assertions } from '../../../assertions/index.ts'
import { renderReference } from './render-reference.ts'
import { renderLabSchema } from './render-schema.ts'

const reference = renderReference(renderLabSchema(assertions))

test('docs/lab-language.md is what the language is now', (t) => {
  const written = readFileSync(new URL('../../../docs/lab-language.md', import.meta.url), 'utf8')
  t.true(written === reference, 'it is stale: renew it with "npm run schema"')
})

test('the reference has a chapter for each assertion, and a line for each of its keys', (t) => {
  for (const name of Object.keys(assertions)) t.true(reference.includes(`\n### ${name}\n`), name)
  t.true(reference.includes('\n- **has**: The address; with a prefix length, that too must be so.\n'))
  t.true(reference.includes('- **state** (`crashed`, `stopped`, `frozen`, `running`): '))
})

test('keys inside of keys are indented below them', (t) => {
  t.true(reference.includes('\n- links (list): The cables between machines.\n  - **endpoints** (list): '))
  t.true(reference.includes('\n      - longest-gap (mapping): '))
})

test('the reference says in which order the parts of a step are done', (t) => {
  t.regex(
    reference,
    /1\. Its captures begin\..*2\. `copy`, `start`, `run`, `events`, `outage`, `stop`, `fetch`: .*3\. Its exp.*4\. The c/s,
  )
})
