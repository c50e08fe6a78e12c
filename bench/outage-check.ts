import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertions } from '../assertions/index.ts'
import type { NewEvent } from '../runner/events.ts'
import { openImage } from '../runner/image/image.ts'
import { loadLab } from '../runner/lab/load-lab.ts'
import { defaultProvider } from '../runner/providers/index.ts'
import { readyProvider } from '../runner/providers/ready-provider.ts'
import { runScopes } from '../runner/run.ts'
import { scopesToRun } from '../runner/scopes.ts'

// Checks the measuring of outages: a cable between two machines falls silent for a known time, and what a lab would
// report is compared with it.

const lengthsMs = [100, 500, 1000, 2000]
const everyMs = Number(process.argv[2] ?? 10)
const rounds = Number(process.argv[3] ?? 3)
const kind = process.argv[4] ?? 'stream'
// A gap begins up to an interval before the silence, and ends up to one after it.
const boundMs = kind === 'stream' ? Math.max(30, everyMs) : 2 * everyMs + 30
const what = kind === 'stream' ? 'stream: { from: a, to: b,' : 'requests: { from: a, to: b, http: /,'

const outage = (lengthMs: number, round: number) => `
  - name: Silence of ${lengthMs} ms (${round})
    outage:
      ${what} every: ${everyMs}ms }
      while:
        - link: { endpoint: "b:eth1", state: silent }
        - wait: ${lengthMs}ms
        - link: { endpoint: "b:eth1", state: up }
      expect: { recovers: true }`

const text = `title: Outages of known length
summary: Two machines and a cable that falls silent.
nodes:
  a: { address: 10.0.0.1 }
  b: { address: 10.0.0.2 }
links:
  - endpoints: ["a:eth1", "b:eth1"]
steps:
  - { name: a, on: a, run: ip addr add 10.0.0.1/24 dev eth1 && ip link set eth1 up }
  - { name: b, on: b, run: ip addr add 10.0.0.2/24 dev eth1 && ip link set eth1 up && mkdir /srv/web && echo b >/srv/web/index.html }
  - { name: web, on: b, start: { id: web, run: busybox httpd -f -p 80 -h /srv/web, ready-port: 80 } }
${lengthsMs.flatMap((lengthMs) => Array.from({ length: rounds }, (_, round) => outage(lengthMs, round + 1))).join('')}
`

const folder = mkdtempSync(join(tmpdir(), 'wirelab-outage-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'lab.yaml'), text)
const { lab, diagnostics } = loadLab(folder, assertions)
if (!lab) throw new Error(diagnostics.map(({ message }) => message).join('\n'))

const signal = new AbortController().signal
const image = await openImage()
const wishes = { image, accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
const provider = await readyProvider(defaultProvider, wishes)
const events: NewEvent[] = []
process.stdout.write(
  `${cpus().length} processors, load ${loadavg()[0]?.toFixed(2)} at the start, ${provider.madeWith.accelerator}\n`,
)
const outcome = await runScopes(scopesToRun([{ lab }], 1), {
  provider,
  results: folder,
  jobs: 1,
  retries: 0,
  keep: false,
  signal,
  emit: (event) => events.push(event),
})

const row = (...cells: readonly (string | number)[]) =>
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(14)).join('')}\n`)
row('asked', 'silent', 'measured', 'error', 'machines', 'before', '')
let worst = 0
let told = 0
for (const { step, measured } of events.filter((event) => event.type === 'outage-measured')) {
  const happened = events.filter((event) => event.type === 'event-happened').filter((event) => event.step === step)
  const silentMs = (happened[1]?.endedMs ?? 0) - (happened[0]?.endedMs ?? 0)
  const { lengthMs, stalledMs } = measured.longestGap
  const errorMs = lengthMs - silentMs
  // What the machines were too busy for is no error of the measuring: it says so.
  const counts = stalledMs === 0
  if (counts) worst = Math.max(worst, Math.abs(errorMs))
  told += counts ? 1 : 0
  const asked = lengthsMs[Math.floor((step - 3) / rounds)] ?? 0
  const figures = [silentMs, lengthMs, errorMs, stalledMs, measured.longestBeforeMs].map((ms) => `${ms.toFixed(1)} ms`)
  row(`${asked} ms`, ...figures, counts ? (Math.abs(errorMs) <= boundMs ? '✓' : '✗') : 'too busy')
}
process.stdout.write(`largest error ${worst.toFixed(1)} ms of ${told} measurements, bound ${boundMs} ms; ${outcome}\n`)
process.exitCode = outcome === 'passed' && told > 0 && worst <= boundMs ? 0 : 1
