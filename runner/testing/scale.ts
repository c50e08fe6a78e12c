import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { page, pagesFolder } from '../../reports/html/html.ts'
import { resultsFiles } from '../../reports/index.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { type Cut, cutScopes } from '../cut.ts'
import type { Engine } from '../engines/engine.ts'
import { type EngineRun, folderOf, partFolder, writeEngineRun } from '../engines/engine-run.ts'
import { followRun } from '../engines/follow-run.ts'
import { eventsVersion, stampTimes } from '../events.ts'
import { timeKey } from '../expected-time.ts'
import { fakeProvider } from '../providers/fake/fake-provider.ts'
import { exitCodeOf } from '../result.ts'
import { runScopes } from '../run.ts'
import { type Scope, scopesToRun } from '../scopes.ts'
import { randomNumbers } from './random-numbers.ts'
import { writeFolder } from './test-labs.ts'
import { labWith } from './test-run.ts'

// `npm run scale`: a run of 10,000 scopes in 200 parts, in machines that are made of nothing, through all the code that
// cuts, follows and merges a run on a cluster. Says how even the cut is, and what merging and reading take; exit code 1
// where that is far too much. `-- --results DIR` leaves the folder.

const { values } = parseArgs({
  options: {
    scopes: { type: 'string', default: '10000' },
    parts: { type: 'string', default: '200' },
    results: { type: 'string' },
    chromium: { type: 'string', default: process.env['CHROMIUM'] ?? '/usr/bin/chromium' },
  },
})
const [scopeCount, partCount] = [Number(values.scopes), Number(values.parts)]
const variantCount = 50
const random = randomNumbers(1)
const tell = (line: string) => void process.stdout.write(`${line}\n`)

const answered = [
  'PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.',
  '64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.05 ms',
  '',
  '--- 10.0.0.1 ping statistics ---',
  '1 packets transmitted, 1 received, 0% packet loss, time 0ms',
  'rtt min/avg/max/mdev = 0.050/0.050/0.050/0.000 ms',
  '',
].join('\n')

const results = values.results ?? writeFolder({})
if (values.results !== undefined) mkdirSync(results)
try {
  const { scopes, times, realMs } = makeRun()
  const cut = cutScopes(scopes, partCount, times)
  const lengths = cut.parts.map((own) => own.reduce((sum, scope) => sum + realMs(scope), 0))
  const mean = lengths.reduce((sum, one) => sum + one, 0) / partCount
  tell(
    `${scopes.length} scopes in ${partCount} parts: the longest ${(Math.max(...lengths) / mean).toFixed(3)} of the mean`,
  )
  check(Math.max(...lengths) / mean < 1.15, 'the longest part is more than 1.15 of the mean')
  const startedMs = performance.now()
  const folders = await runParts(cut)
  tell(`run and followed in ${seconds(startedMs)}: ${folders.length} parts are whole`)
  useFolders(folders)
  await open()
} finally {
  if (values.results === undefined) rmSync(results, { recursive: true, force: true })
}

/** Variants that take from 5 to 120 s; in the run they take up to a fifth more or less than was known of them. */
function makeRun() {
  const steps = Array.from(
    { length: 6 },
    (_, at) =>
      `  - { name: Step ${at}, on: a, run: "ip address add 10.0.0.${at}/24 dev eth1", expect: [{ ping: { from: a, to: b, is: reachable } }, { ping: { from: b, to: a, is: reachable } }] }`,
  )
  const names = Array.from({ length: variantCount }, (_, at) => `v${at}`)
  const lab = labWith(steps.join('\n'), `variants:\n${names.map((name) => `  ${name}: {}`).join('\n')}`)
  const times = new Map(names.map((name) => [timeKey(lab.name, name), 5000 + random(115_000)]))
  const real = new Map<Scope, number>()
  const realMs = (scope: Scope) => {
    const ms = real.get(scope) ?? ((times.get(timeKey(lab.name, scope.variant.name)) ?? 0) * (80 + random(41))) / 100
    real.set(scope, ms)
    return ms
  }
  return { scopes: scopesToRun([{ lab }], scopeCount / variantCount), times, realMs }
}

/** Does all parts, one after the other, in this process; every fiftieth is lost at its first try. */
async function runParts({ parts }: Cut): Promise<readonly string[]> {
  const needs = { processors: 1, memoryMiB: 1, limitMs: 1, longer: 1, measuresTime: false }
  const run: EngineRun = {
    ...{ engine: 'none', settings: {}, tries: 2, scopes: scopeCount, of: parts.length, script: '', needs },
    submissions: [],
  }
  mkdirSync(folderOf(results))
  writeEngineRun(results, run)
  const engine: Engine = {
    processors: 1,
    cut: () => parts.length,
    async submit({ parts: numbers, attempt }) {
      for (const part of numbers)
        if (part % 50 > 0 || attempt > 1) await runPart(parts[part - 1] ?? [], part, partFolder(results, part, attempt))
      return `${attempt}`
    },
    watch: async (all) => all.map(({ parts: numbers }) => new Map(numbers.map((part) => [part, { state: 'gone' }]))),
    cancel: async () => {},
  }
  return followRun(run, { engine, results, everyMs: 1, signal: new AbortController().signal, show: () => {}, tell })
}

async function runPart(scopes: readonly Scope[], part: number, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const lines: string[] = []
  const emit = stampTimes((event) => lines.push(renderEvent(event)))
  const made = {
    wirelab: '',
    provider: 'fake',
    accelerator: 'tcg',
    qemu: '',
    image: '',
    kernel: '',
    host: '',
    node: '',
  }
  const planned = scopes.map(({ name, lab, variant }) => ({ scope: name, lab: lab.name, variant: variant.name }))
  const startedAt = new Date().toISOString()
  emit({
    type: 'run-started',
    version: eventsVersion,
    run: 'r',
    startedAt,
    kind: 'run',
    surroundings: made,
    scopes: planned,
  })
  const answer = (_: string, command: string) => (command.includes('ping') ? { stdout: answered } : undefined)
  const options = { results: folder, jobs: 1, retries: 0, keep: false, signal: new AbortController().signal, emit }
  const outcome = await runScopes(scopes, { provider: fakeProvider({ answer }), ...options })
  emit({ type: 'run-finished', outcome, exitCode: exitCodeOf(outcome), durationMs: 1 })
  writeFileSync(join(folder, 'events.jsonl'), lines.join(''))
  const manifest = { packages: {}, labs: planned, part: { part, of: partCount, digest: 'the same' } }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
}

/** What each command takes of the folder; more than twice of what 10,000 scopes need is too much. */
function useFolders(folders: readonly string[]): void {
  const share = Math.max(1, scopeCount / 10_000)
  const merged = join(results, 'merged')
  const bound = (cpuS: number, mib: number) => ({ cpuS: cpuS * share, mib: mib * share })
  measure(['merge', ...folders, '--out', merged], bound(20, 500))
  const sizeOf = (name: string) => `${name} ${(statSync(join(merged, name)).size / 1024 / 1024).toFixed(1)} MiB`
  const pages = readdirSync(join(merged, pagesFolder)).length
  tell(`${[...resultsFiles.map(sizeOf)].join(', ')}, ${pages} pages`)
  measure(['report', merged], bound(20, 600))
  measure(['history', merged, '--out', join(results, 'history.html')], bound(20, 500))
  measure(['collect', merged, merged], bound(30, 700))
  measure(['compare', merged, merged], bound(20, 700))
}

/** Runs a command in a process of its own, which tells at its end what it took. */
function measure(words: readonly string[], most: { readonly cpuS: number; readonly mib: number }): void {
  const startedMs = performance.now()
  const main = join(import.meta.dirname, '../cli/main.ts')
  const tellUsage = `import { writeSync } from 'node:fs'
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())))`
  const { status, output } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tellUsage)}`, main, ...words],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], encoding: 'utf8', cwd: results },
  )
  const usage: NodeJS.ResourceUsage = JSON.parse(output[3] ?? '')
  const cpuS = (usage.userCPUTime + usage.systemCPUTime) / 1e6
  const mib = usage.maxRSS / 1024
  tell(
    `${words[0]}: ${seconds(startedMs)}, ${cpuS.toFixed(1)} s of processor time, ${Math.round(mib)} MiB, exit code ${status}`,
  )
  check(status === 0, `${words[0]} ended with ${status}`)
  check(cpuS < most.cpuS, `${words[0]} takes more than ${most.cpuS} s of processor time`)
  check(mib < most.mib, `${words[0]} takes more than ${most.mib} MiB`)
}

/** The overview, and a page of a hundred scopes; the best of three, because browsers wait for the host too. */
async function open(): Promise<void> {
  const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] })
  try {
    for (const name of [page.file, `${pagesFolder}/001.html`]) {
      const times: number[] = []
      for (let round = 0; round < 3; round++) {
        const tab = await browser.newPage()
        const startedMs = performance.now()
        await tab.goto(pathToFileURL(join(results, 'merged', name)).href)
        await tab.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
        times.push((performance.now() - startedMs) / 1000)
        await tab.close()
      }
      tell(`${name} opens in ${times.map((one) => one.toFixed(2)).join(', ')} s`)
      check(Math.min(...times) < 2, `${name} takes more than 2 s to open`)
    }
  } finally {
    await browser.close()
  }
}

function check(holds: boolean, otherwise: string): void {
  if (holds) return
  tell(`TOO MUCH: ${otherwise}`)
  process.exitCode = 1
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
}
