import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { parseEvents } from '../../../reports/run/json-lines.ts'
import type { CaseFinished } from '../../events.ts'

/** What is done on a machine, and what its case must find; no words where nothing crashes. */
const rows: Readonly<Record<string, { readonly run: string; readonly found?: RegExp }>> = {
  segfault: { run: `python3 -c 'import ctypes; ctypes.string_at(0)' || true`, found: /python3.*segfault/ },
  abort: { run: `sh -c 'kill -ABRT $$' || true`, found: /sh\[\d+\]: fatal signal 6/ },
  'unit-killed': { run: `systemd-run --unit=dies sh -c 'kill -SEGV $$'`, found: /fatal signal 11|dies\.service/ },
  'unit-failed': { run: `systemd-run --unit=fails sh -c 'sleep 1; exit 3'; sleep 3`, found: /fails\.service.*exited/ },
  'out-of-memory': {
    run: `systemd-run -p MemoryMax=20M python3 -c 'print(len("a" * 10**8))'; sleep 3`,
    found: /out of memory: Killed process/i,
  },
  'only-said': { run: `echo '<0>kernel: BUG: unable to handle page fault, segfault at 0' >/dev/kmsg` },
  'ended-on-purpose': {
    run: 'sleep 100 & kill $!; wait; sh -c "kill -KILL \\$\\$" || true; systemd-run --unit=s sleep 9; systemctl stop s',
  },
  panic: { run: '(sleep 1; echo c >/proc/sysrq-trigger) >/dev/null 2>&1 &', found: /panic/ },
}

/** Each row on a machine of its own. */
const labText = (expected: readonly string[]) => `title: What crashes
summary: Each machine has a crash of its own.
nodes: { ${Object.keys(rows)
  .map((name) => `${name}: {}`)
  .join(', ')} }
${expected.length === 0 ? '' : `expects-crash: [${expected.join(', ')}]\n`}steps:
${Object.entries(rows)
  .map(([name, { run }]) => `  - { name: ${name}, on: ${name}, run: ${JSON.stringify(run)} }`)
  .join('\n')}
  - { name: time passes, on: segfault, run: sleep 3 }
`

/** The cases of the crashes by machine, and the exit code of the run. */
function runLab(expected: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-crashes-'))
  try {
    writeFileSync(join(folder, 'lab.yaml'), labText(expected))
    const results = join(folder, 'results')
    const { status } = spawnSync(process.execPath, ['runner/cli/main.ts', folder, '--results', results], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const events = parseEvents(readFileSync(join(results, 'events.jsonl'), 'utf8'))
    const cases = events.filter((event): event is CaseFinished => event.type === 'case-finished')
    return { status, of: (name: string) => cases.find(({ case: one }) => one.endsWith(` crashed on ${name}`)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what crashes on a machine fails its case with the lines that tell of it, and nothing else does', () => {
  const { status, of } = runLab([])
  assert.equal(status, 1)
  for (const [name, { found }] of Object.entries(rows)) {
    const one = of(name)
    assert.equal(one?.outcome, found === undefined ? 'passed' : 'failed', `${name}: ${one?.found}`)
    if (found !== undefined) assert.match(`${one?.found}\n${one?.transcript}`, found)
  }
})

test('a lab that expects the crashes fails where nothing crashed', () => {
  const { of } = runLab(Object.keys(rows))
  for (const [name, { found }] of Object.entries(rows))
    assert.equal(of(name)?.outcome, found === undefined ? 'failed' : 'passed', name)
})
