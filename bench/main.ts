import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openImage } from '../runner/image/image.ts'
import type { Variant } from '../runner/lab/lab.ts'
import { planRun } from '../runner/plan.ts'
import { defaultProvider } from '../runner/providers/index.ts'
import { readyProvider } from '../runner/providers/ready-provider.ts'
import { manyScopes } from './many-scopes.ts'

/** What is measured, how often, and the bound on a quiet machine with two cores under TCG. */
interface Measurement {
  readonly name: string
  readonly rounds: number
  readonly boundMs: number
  once(): Promise<number>
}

const root = join(import.meta.dirname, '..')
const signal = new AbortController().signal

/** Time of a whole command of the project, as a person would wait for it. */
const command =
  (...argv: [string, ...string[]]) =>
  async () => {
    const results = mkdtempSync(join(tmpdir(), 'wirelab-bench-'))
    const [program, ...rest] = argv.map((word) => (word === 'RESULTS' ? join(results, 'run') : word))
    const startedMs = performance.now()
    try {
      await promisify(execFile)(program ?? '', rest, { cwd: root })
      return performance.now() - startedMs
    } finally {
      rmSync(results, { recursive: true, force: true })
    }
  }

/** From nothing running to the output of the first command on every one of `count` machines in a row of cables. */
const firstOutput = (count: number) => async () => {
  const image = await openImage()
  const names = Array.from({ length: count }, (_, at) => `m${at}`)
  const variant: Variant = {
    name: 'default',
    values: {},
    nodes: names.map((name) => ({ name })),
    links: names.slice(1).map((name, at) => ({
      endpoints: [
        { node: names[at] ?? '', nic: 'eth1' },
        { node: name, nic: 'eth2' },
      ],
    })),
    steps: [],
    crashCases: [],
  }
  const logs = mkdtempSync(join(tmpdir(), 'wirelab-bench-'))
  const wishes = { image, accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
  const provider = await readyProvider(defaultProvider, wishes)
  const startedMs = performance.now()
  const testbed = await provider.bringUp(planRun('bench', variant), {
    logs,
    signal,
    onReady: () => {},
    onDeath: () => {},
  })
  try {
    await Promise.all(names.map((name) => testbed.machine(name).run(['uname', '-r'], { timeoutMs: 60_000 })))
    return performance.now() - startedMs
  } finally {
    await testbed.tearDown()
    rmSync(logs, { recursive: true, force: true })
  }
}

/** From the events of a run of `count` lab variants to its reports, as `npm run lab report` draws them. */
const reports = (count: number) => async () => {
  const results = mkdtempSync(join(tmpdir(), 'wirelab-bench-'))
  writeFileSync(join(results, 'events.jsonl'), manyScopes(count))
  const startedMs = performance.now()
  try {
    // Its exit code is that of the run, in which not all passed.
    await promisify(execFile)('npm', ['run', '-s', 'lab', 'report', results], { cwd: root, maxBuffer: 1 << 28 }).catch(
      (error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 3)) throw error
      },
    )
    return performance.now() - startedMs
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
}

const lab = (name: string) => command('npm', 'run', '-s', 'lab', name, '--', '--results', 'RESULTS')

const measurements: readonly Measurement[] = [
  { name: 'first output of 1 machine', rounds: 5, boundMs: 1000, once: firstOutput(1) },
  { name: 'first output of 4 machines', rounds: 5, boundMs: 2500, once: firstOutput(4) },
  { name: 'first output of 8 machines', rounds: 3, boundMs: Number.POSITIVE_INFINITY, once: firstOutput(8) },
  { name: 'set-up with nothing to do', rounds: 3, boundMs: 1000, once: command('npm', 'run', '-s', 'setup') },
  { name: 'reports of 60 lab variants', rounds: 3, boundMs: 5000, once: reports(60) },
  { name: 'bridge-veth, the whole command', rounds: 3, boundMs: 6000, once: lab('bridge-veth') },
  { name: 'macvlan-modes, all variants', rounds: 1, boundMs: 40_000, once: lab('macvlan-modes') },
]

const write = (text: string) => process.stdout.write(text)
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

write(`${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)} at the start\n`)
// One unmeasured round fills the host's page cache with the template, as any earlier lab has done.
const unit = Math.min(await firstOutput(1)(), await firstOutput(1)())
write(`unit: first output of 1 machine, ${seconds(unit)}; "x" is how many of it a figure is\n\n`)
write(
  `${'what'.padEnd(34)}${'median'.padStart(9)}${'least'.padStart(9)}${'most'.padStart(9)}${'x'.padStart(7)}  bound\n`,
)
for (const { name, rounds, boundMs, once } of measurements) {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await once())
  times.sort((a, b) => a - b)
  const median = times[Math.floor(times.length / 2)] ?? 0
  const figures = [median, times[0] ?? 0, times.at(-1) ?? 0].map((time) => seconds(time).padStart(9)).join('')
  const verdict = boundMs === Number.POSITIVE_INFINITY ? '' : `  ${seconds(boundMs)} ${median <= boundMs ? '✓' : '✗'}`
  write(`${name.padEnd(34)}${figures}${(median / unit).toFixed(1).padStart(7)}${verdict}\n`)
}
