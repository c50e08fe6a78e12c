import { writeFileSync } from 'node:fs'
import { assertions } from '../../../assertions/index.ts'
import { renderReference } from './render-reference.ts'
import { renderLabSchema } from './render-schema.ts'

// `npm run schema`: renews the JSON Schema that each lab's first line names, and the reference that people read.
const schema = renderLabSchema(assertions)
writeFileSync(new URL('../../../labs/lab.schema.json', import.meta.url), schema)
writeFileSync(new URL('../../../docs/lab-language.md', import.meta.url), renderReference(schema))
