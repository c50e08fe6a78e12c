import { writeFileSync } from 'node:fs'
import { assertions } from '../../assertions/index.ts'
import { renderLabSchema } from './render-schema.ts'

// `npm run schema`: renews the JSON Schema that each lab's first line names.
writeFileSync(new URL('../../labs/lab.schema.json', import.meta.url), renderLabSchema(assertions))
