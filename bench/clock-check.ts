import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import { openImage } from '../runner/image/image.ts'
import { loadLab } from '../runner/lab/load-lab.ts'
import type { Plan } from '../runner/plan.ts'
import { defaultProvider } from '../runner/providers/index.ts'
import type { ScopeOptions, Testbed } from '../runner/providers/provider.ts'
import { readyProvider } from '../runner/providers/ready-provider.ts'
import { runScopes } from '../runner/run.ts'
import { scopesToRun } from '../runner/scopes.ts'
import { delaysMs, framesOf } from '../runner/testing/pcap-frames.ts'

// Checks the clocks of captures: runs labs (those that are named, or all) with a capture at both ends of each cable,
// and compares when the same frame was at either end.

const boundMs = 2
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
const image = await openImage()
const wishes = { image, accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
const provider = await readyProvider(defaultProvider, wishes)
const all: number[] = []
process.stdout.write(`${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)} at the start\n`)
await runScopes(scopesToRun(labs, 1), {
  provider: { bringUp: captured },
  ...{ results, jobs: 1, retries: 0, keep: false, signal },
  emit: () => {},
})
report('all', all)
const worst = Math.max(...all)
process.exitCode = worst < boundMs ? 0 : 1

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
    const apart = [...Map.groupBy(captures, ({ cable }) => cable).values()].flatMap((pair) => {
      const [here = [], there = []] = pair.map(({ file }) => framesOf(readFileSync(file)))
      return delaysMs(here, there).map(Math.abs)
    })
    all.push(...apart)
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

function report(what: string, apart: readonly number[]): void {
  if (apart.length === 0) return void process.stdout.write(`${what}: no frame at both ends\n`)
  const sorted = apart.toSorted((one, other) => one - other)
  const part = (share: number) => `${sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(2)} ms`
  const beyond = sorted.filter((ms) => ms >= boundMs).length
  process.stdout.write(
    `${what}: ${sorted.length} frames at both ends, half within ${part(0.5)}, 99 % within ${part(0.99)}, ` +
      `greatest difference ${part(1)}, ${beyond} of them ${boundMs} ms and more\n`,
  )
}
