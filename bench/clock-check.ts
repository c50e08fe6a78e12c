import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import { provideImages } from '../runner/cli/provide-images.ts'
import { loadLab } from '../runner/lab/load-lab.ts'
import type { Plan } from '../runner/plan.ts'
import { defaultProvider } from '../runner/providers/index.ts'
import type { ScopeOptions, Testbed } from '../runner/providers/provider.ts'
import { readyProvider } from '../runner/providers/ready-provider.ts'
import { runScopes } from '../runner/run.ts'
import { scopesToRun } from '../runner/scopes.ts'
import { type Arrival, arrivalsOf, framesOf } from '../runner/testing/pcap-frames.ts'

// Checks the clocks of captures: runs labs (those that are named, or all) with a capture at both ends of each cable,
// and compares when the same frame was at either end. What a difference has in it is how far the clocks are apart and
// how long the frame waited until the other end's QEMU read it. The quickest of several frames that one sender sent
// within some seconds waited least, so those are held against the bound, which is one for the clocks.

const boundMs = 2
/** So many frames of a sender ... */
const several = 5
/** ... within so many milliseconds. */
const spellMs = 10_000
const root = join(import.meta.dirname, '..', 'labs')
const isLab = (name: string) => existsSync(join(root, name, 'lab.yaml'))
const names = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(root).filter(isLab)
const labs = names.map((name) => {
  const { lab, diagnostics } = loadLab(join(root, name), assertions)
  if (!lab) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return { lab }
})

const results = mkdtempSync(join(tmpdir(), 'wirelab-clocks-'))
process.once('exit', () => rmSync(results, { recursive: true, force: true }))
const signal = new AbortController().signal
const scopes = scopesToRun(labs, 1)
const { main, imagesOf } = await provideImages(scopes, { signal, stream: process.stdout, interactive: false })
const wishes = { image: main, accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
const provider = await readyProvider(defaultProvider, wishes)
const all: Differences = { ms: [], quickest: [] }
process.stdout.write(`${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)} at the start\n`)
const outcome = await runScopes(scopes, {
  provider: { bringUp: captured },
  ...{ imagesOf, results, jobs: 1, retries: 1, keep: false, signal },
  // Of a lab that went wrong early there is little to compare.
  emit: (event) => {
    if (event.type === 'scope-finished' && event.outcome !== 'passed')
      process.stdout.write(`${event.scope}: ${event.outcome}\n`)
  },
})
report('all', all)
process.exitCode = outcome === 'passed' && all.quickest.length > 0 && Math.max(...all.quickest) < boundMs ? 0 : 1

/** How far apart the stamps of frames at both ends of their cables are, in milliseconds. */
interface Differences {
  /** Of each frame. */
  readonly ms: number[]
  /** The least of each sender that sent several frames over a cable, spell by spell. */
  readonly quickest: number[]
}

/** A testbed that keeps the frames at both ends of each cable from the beginning, and compares them at its end. */
async function captured(plan: Plan, options: ScopeOptions): Promise<Testbed> {
  const testbed = await provider.bringUp(plan, options)
  const ends = plan.machines.flatMap(({ name, nics }) =>
    nics.filter(({ plugged }) => plugged).map(({ name: nic, cable }) => ({ at: `${name}:${nic}`, cable })),
  )
  const captures = await Promise.all(
    ends.map(async ({ at, cable }) => {
      const file = join(options.logs, `clock-check-${at.replace(':', '-')}.pcap`)
      return { cable, file, capture: await testbed.captureCable(at, file) }
    }),
  )
  const compare = async () => {
    await Promise.all(captures.map(({ capture }) => capture.end()))
    const apart: Differences = { ms: [], quickest: [] }
    for (const atCable of Map.groupBy(captures, ({ cable }) => cable).values()) {
      const [first = [], ...others] = atCable.map(({ file }) => framesOf(readFileSync(file)))
      for (const other of others) add(apart, arrivalsOf(first, other))
    }
    all.ms.push(...apart.ms)
    all.quickest.push(...apart.quickest)
    report(`${plan.lab}/${plan.variant.name}`, apart)
  }
  return {
    ...testbed,
    async tearDown() {
      await compare()
      await testbed.tearDown()
    },
  }
}

function add({ ms, quickest }: Differences, arrivals: readonly Arrival[]): void {
  const spellOf = ({ from, stampMs }: Arrival['frame']) => `${from} ${Math.floor(stampMs / spellMs)}`
  for (const spell of Map.groupBy(arrivals, ({ frame }) => spellOf(frame)).values()) {
    const apart = spell.map(({ delayMs }) => Math.abs(delayMs))
    for (const one of apart) ms.push(one)
    if (apart.length >= several) quickest.push(Math.min(...apart))
  }
}

function report(what: string, { ms, quickest }: Differences): void {
  if (ms.length === 0) return void process.stdout.write(`${what}: no frame at both ends\n`)
  const sorted = ms.toSorted((one, other) => one - other)
  const part = (share: number) => `${sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(2)} ms`
  const beyond = sorted.filter((one) => one >= boundMs).length
  const clocks = quickest.length > 0 ? `${Math.max(...quickest).toFixed(2)} ms` : 'not told'
  process.stdout.write(
    `${what}: ${sorted.length} frames at both ends, half within ${part(0.5)}, 99 % within ${part(0.99)}, ` +
      `greatest difference ${part(1)}, ${beyond} of them ${boundMs} ms and more; ` +
      `the quickest of each ${several} and more of a sender in ${spellMs / 1000} s within ${clocks} (${quickest.length})\n`,
  )
}
