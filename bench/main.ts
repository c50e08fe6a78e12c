import { appendFileSync } from 'node:fs'
import { constants } from 'node:os'
import { exitCodes, WirelabError, withRemedy } from '../runner/errors.ts'
import { thisTree, withBaseline } from './baseline.ts'
import { type HostLoad, hostFacts, watchHost, whyNotQuiet } from './host.ts'
import { measure } from './measure.ts'
import { measurements } from './measurements/index.ts'
import { type BenchOptions, readOptions } from './options.ts'
import { type Prepared, prepare } from './prepare.ts'
import { growthOf, type Result } from './result.ts'
import type { Tree } from './run-npm.ts'
import { renderGrowth, renderTable } from './table.ts'

// Measures this checkout, and beside it in turn another one and other ways to the same machines.

const interruption = new AbortController()
const { signal } = interruption
let signalExitCode: number | undefined
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => {
    signalExitCode = 128 + constants.signals[name]
    interruption.abort(new Error(`interrupted by ${name}`))
  })

try {
  const options = readOptions(process.argv.slice(2), measurements)
  if (typeof options === 'string') process.stdout.write(options)
  else process.exitCode = await bench(options)
} catch (error) {
  say(`${withRemedy(error)}\n`)
  const isUsage = error instanceof WirelabError && error.kind === 'usage'
  process.exitCode = signalExitCode ?? (isUsage ? exitCodes.usage : exitCodes.machinery)
}

async function bench(options: BenchOptions): Promise<number> {
  const here = await thisTree()
  const { baseline } = options
  if (baseline === undefined) return measureAll([here], options)
  return withBaseline(baseline, signal, (before) => measureAll([here, before], options))
}

async function measureAll(trees: readonly [Tree, ...Tree[]], options: BenchOptions): Promise<number> {
  const tellLoad = watchHost()
  const prepared: Prepared[] = []
  for (const tree of trees) {
    say(`${tree.name}, ${tree.commit}: set-up and first labs, not counted\n`)
    prepared.push(await prepare(tree, signal))
  }
  const session = { signal, here: trees[0], qemuArguments: prepared[0]?.qemuArguments ?? [] }
  const results: Result[] = []
  try {
    for (const one of options.measurements) results.push(await measure(one, { ...options, trees, session, say }))
  } finally {
    report(results, prepared, tellLoad(), options)
  }
  return results.some(({ missing }) => missing.some(({ failed }) => failed)) ? exitCodes.machinery : exitCodes.passed
}

/** Prints what was measured until now, and adds it to the file of records. */
function report(
  results: readonly Result[],
  prepared: readonly Prepared[],
  load: HostLoad,
  options: BenchOptions,
): void {
  const host = { ...hostFacts(), ...load }
  const growth = growthOf(results)
  const trees = prepared.map(({ tree, surroundings }) => ({ who: tree.name, commit: tree.commit, ...surroundings }))
  const { stdout } = process
  for (const tree of trees) stdout.write(`${Object.values(tree).join(', ')}\n`)
  stdout.write(
    `load ${load.loadAtStart.toFixed(2)} at the start, ${load.loadAtEnd.toFixed(2)} at the end; ` +
      `other things took ${(load.othersShare * 100).toFixed(1)} % of ${host.processors} processors\n\n`,
  )
  stdout.write(`${renderTable(results)}\n${renderGrowth(growth)}`)
  const doubt = whyNotQuiet(load, host.processors)
  if (doubt !== undefined) stdout.write(`\nWarning: ${doubt}. Ratios tell more than times then.\n`)
  if (options.json === undefined) return
  const at = new Date().toISOString()
  for (const record of [...results, ...(growth.length > 0 ? [{ measurement: 'growth', growth }] : [])])
    appendFileSync(options.json, `${JSON.stringify({ at, host, trees, ...record })}\n`)
}

function say(text: string): void {
  process.stderr.write(text)
}
