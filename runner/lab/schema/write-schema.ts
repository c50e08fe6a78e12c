import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { assertions } from '../../../assertions/index.ts'
import { listLabs } from '../find-lab.ts'
import { loadLab } from '../load-lab.ts'
import { renderDiagnostics } from '../text/diagnostics.ts'
import { timesOfPage, timesOfRun } from './labs-page-times.ts'
import { renderLabsPage } from './render-labs-page.ts'
import { renderReference } from './render-reference.ts'
import { renderLabSchema } from './render-schema.ts'

// `npm run schema`: renews the JSON Schema that each lab's first line names, the reference that people read, and the
// list of labs. With `--times DIR` the list has the times of the run whose results are in DIR, else those that it had.
const root = join(import.meta.dirname, '..', '..', '..')
const labsFolder = join(root, 'labs')
const page = join(labsFolder, 'README.md')
const { times: results } = parseArgs({ options: { times: { type: 'string' } } }).values

const schema = renderLabSchema(assertions)
writeFileSync(join(labsFolder, 'lab.schema.json'), schema)
writeFileSync(join(root, 'docs', 'lab-language.md'), renderReference(schema))

const labs = listLabs(labsFolder).map(({ file }) => {
  const { lab, diagnostics } = loadLab(file, assertions)
  if (lab === undefined) throw new Error(renderDiagnostics(diagnostics))
  return lab
})
const read = (...path: [string, ...string[]]) => readFileSync(join(...path), 'utf8')
const times =
  results === undefined
    ? timesOfPage(read(page))
    : timesOfRun(labs, { junit: read(results, 'junit.xml'), manifest: read(results, 'manifest.json') })
writeFileSync(page, renderLabsPage(labs, times))
