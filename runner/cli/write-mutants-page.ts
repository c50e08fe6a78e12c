import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderMutantsPage } from '../../reports/many-runs/mutants-page.ts'
import { summarise } from '../../reports/run/summary.ts'
import { usageError } from '../errors.ts'
import { loadLabs } from './load-labs.ts'
import { withHelp } from './options.ts'
import { outlineRun } from './read-run-events.ts'
import { runAsProcess } from './run-as-process.ts'

const file = join(import.meta.dirname, '..', '..', 'docs', 'mutants.md')

const help = `Usage: npm run mutants -- DIR...

Renews docs/mutants.md by runs of "mutate --auto", whose results are in these folders.
`

const renew = withHelp(help, {}, async ({ positionals: folders }) => {
  if (folders.length === 0) throw usageError('cannot renew docs/mutants.md: expected results folders of mutate --auto')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const made = renderMutantsPage(
    folders.map((folder) => summarise(outlineRun(folder))),
    new Map(
      loadLabs([], { all: true, colour: false }).map(({ lab }) => [
        lab.name,
        lab.makeMutants().map(({ name }) => name),
      ]),
    ),
    before,
  )
  if (typeof made === 'string') throw usageError(`cannot renew docs/mutants.md: ${made}`)
  writeFileSync(file, made.page)
  return 0
})

await runAsProcess(renew)
