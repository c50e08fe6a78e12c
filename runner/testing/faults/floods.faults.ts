import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEvents } from '../../../reports/run/json-lines.ts'

const lab = `title: Floods
summary: Machines that print and send without end.
nodes: { a: {}, b: {} }
links: [{ endpoints: ["a:eth1", "b:eth1"] }]
steps:
  - { name: listen, on: b, run: ip link set eth1 up }
  - name: storm
    capture: { c: { cable: "a:eth1" } }
    on: a
    run: |
      ip link set eth1 up
      cat >/tmp/storm.py <<'END'
      import socket
      out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      out.bind(('eth1', 0))
      for each in range(4000):
          out.send(b'\\xff' * 6 + b'\\x02' * 6 + b'\\x88\\xb5' + bytes(1400))
      END
      python3 /tmp/storm.py
    expect:
      - { name: some, frames: { in: c, filter: ether broadcast, at-least: 10, within: 0ms } }
      - { name: all, frames: { in: c, filter: ether broadcast, at-most: 100000000, within: 0ms } }
  - name: talk
    on: b
    # What it has printed at the mark is more than may be kept, however much of it is still on its way.
    start: { id: talker, run: "echo begun; head -c 12000000 /dev/zero; touch /tmp/mark; cat /dev/zero", ready: begun }
    expect: [{ name: floods, output: { on: b, command: ls /tmp, contains: mark, within: 60s } }]
  - name: print
    on: a
    run: head -c 6000000 /dev/zero
    expect:
      - { name: begins, printed: { by: talker, contains: begun } }
      - { name: ends, printed: { by: talker, lacks: end } }
      - { name: asked, output: { on: a, command: head -c 6000000 /dev/zero, lacks: "no", within: 0ms } }
  - { name: stop, stop: talker }
`

/** The most memory that a process has had, in MB (proc(5)). */
const peakMB = (pid: number) => Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000

test('machines that print and send without end fill neither disk nor memory, and what was cut decides nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-floods-'))
  try {
    writeFileSync(join(folder, 'lab.yaml'), lab)
    const results = join(folder, 'results')
    const main = join(import.meta.dirname, '../../cli/main.ts')
    const words = [main, folder, '--results', results, '--keep-at-most', '8MB', '--retry-inconclusive', '0']
    const runner = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    let most = 0
    let printed = ''
    runner.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      most = Math.max(most, peakMB(runner.pid as number))
    })
    const [exitCode] = await once(runner, 'close')
    const events = parseEvents(readFileSync(join(results, 'events.jsonl'), 'utf8'))
    const verdicts = events.flatMap((event) => (event.type === 'case-finished' ? [[event.claim, event.outcome]] : []))
    const captured = events.find((event) => event.type === 'capture-saved')
    const sizes = readdirSync(results, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).size)
    const largestMB = Math.max(...sizes) / 1e6
    t.diagnostic(
      `memory ${Math.round(most)} MB, the largest file ${largestMB.toFixed(1)} MB, ${captured?.frames} frames`,
    )
    assert.deepEqual(verdicts, [
      ['some', 'passed'],
      ['all', 'error'],
      ['floods', 'passed'],
      ['begins', 'passed'],
      ['ends', 'error'],
      ['asked', 'error'],
      ['nothing crashed on a', 'passed'],
      ['nothing crashed on b', 'passed'],
    ])
    assert.equal(exitCode, 3)
    assert.equal(captured?.cut, true)
    assert.match(printed, /then had no room for more/)
    assert.match(printed, /the output without its last \d+ bytes/)
    // A quarter of the room, and what came until somebody looked.
    assert.ok(largestMB < 12, `${largestMB} MB`)
    assert.ok(most < 400, `${most} MB`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
