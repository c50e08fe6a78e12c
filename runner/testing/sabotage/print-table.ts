import { parseArgs } from 'node:util'
import { rows } from './rows.ts'
import { tryRows } from './try-rows.ts'

// Tries the rows of the sabotage table, those whose words hold the argument if there is one, and prints the table.

const [part = ''] = parseArgs({ allowPositionals: true }).positionals
const chosen = rows.filter(({ what }) => what.includes(part))
if (chosen.length === 0) {
  process.stderr.write(`cannot try rows with "${part}": no row says that\n`)
  process.exit(2)
}
let wrong = 0
const line = (...cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
line('what', 'verdict before', 'verdict now', 'found')
line('---', '---', '---', '---')
await tryRows(chosen, ({ row, outcome, found }) => {
  if (outcome !== row.wanted) wrong++
  const now = outcome === row.wanted ? outcome : `${outcome}, wanted ${row.wanted}`
  line(row.what, row.before, now, found.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'))
})
process.stdout.write(`\n${chosen.length} rows, ${wrong} not as wanted\n`)
process.exitCode = wrong === 0 ? 0 : 1
