import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

// What becomes of a run whose host can't write: on a small file system in a mount namespace, which needs root.

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'wirelab-host-io-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const lab = (claim: string) => `title: Prints much
summary: More than the disk of its results has room for.
nodes: { m: {} }
steps:
  - { name: In the background, on: m, start: { id: talker, run: seq 1 900000; sleep 1000 } }
  - { name: Printed, on: m, run: seq 1 400000 }
  - name: Afterwards
    expect:
      - { output: { on: m, command: echo yes, contains: ${claim} } }
`

interface Ended {
  readonly status: number | null
  readonly text: string
  /** What is left in the results folder, as the namespace saw it. */
  readonly listing: string
}

/** Runs a lab whose results lie on a disk of so many KiB. */
function runOnDisk(kib: number, claim: string, text = lab(claim)): Ended {
  const name = `disk-${kib}-${claim}`
  mkdirSync(join(folder, name))
  mkdirSync(join(folder, name, 'disk'))
  writeFileSync(join(folder, name, 'lab.yaml'), text)
  const script = `mount -t tmpfs -o size=${kib}k none disk
"$0" "$1" run ./lab.yaml --results disk/r > out 2>&1; status=$?
ls -laR disk > listing; exit $status`
  const cwd = join(folder, name)
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, process.execPath, main], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  assert.equal(stderr, '')
  return { status, text: readFileSync(join(cwd, 'out'), 'utf8'), listing: readFileSync(join(cwd, 'listing'), 'utf8') }
}

const isTold = ({ text }: Ended) => {
  assert.match(text, /cannot record the run in .*: ENOSPC: no space left on device/)
  assert.doesNotMatch(text, /node:internal|file:\/\/|connection to the machine|TypeError/)
}

test('logs that find no room end a run that passed with 3 and the cause, and are no fault of the machine', () => {
  const ended = runOnDisk(1200, 'yes')
  isTold(ended)
  assert.equal(ended.status, 3, ended.text)
  assert.match(ended.text, /3\. Afterwards\n +✓/)
  assert.match(ended.text, /^! .*\.log could not be written to its end: ENOSPC/m)
  assert.doesNotMatch(ended.text, /the whole output/)
  assert.doesNotMatch(ended.listing, /\.(junit\.xml|report\.html)\./, 'what could not be written leaves nothing')
})

test('a claim that fails beside that ends it with 1', () => {
  const ended = runOnDisk(1200, 'no')
  isTold(ended)
  assert.equal(ended.status, 1, ended.text)
})

test('a disk without room for any event is told, and the run goes on to its verdict', () => {
  const ended = runOnDisk(24, 'yes')
  isTold(ended)
  assert.equal(ended.status, 3, ended.text)
  assert.match(ended.text, /3\. Afterwards\n +✓/)
})

/** Whether the frames of the last step reach a disk that is full by then. */
const captured = `title: Fills the disk with frames
summary: QEMU ends a capture that it can't write, and goes on.
nodes: { m: {}, n: {} }
links: [{ endpoints: ["m:eth1", "n:eth1"] }]
steps:
  - { name: Up, on: m, run: "ip addr add 10.0.0.1/24 dev eth1; ip link set eth1 up" }
  - { name: Up there, on: n, run: "ip addr add 10.0.0.2/24 dev eth1; ip link set eth1 up" }
  - name: Captured
    on: m
    capture: { c: { cable: "m:eth1" } }
    run: |
      ping -c 1 -w 10 10.0.0.2
      ping -f -c 60 -s 60000 10.0.0.2 > /dev/null
      for i in 1 2 3; do echo late > /dev/udp/10.0.0.2/9; done
    expect:
      - { frames: { in: c, filter: udp port 9, count: 0 } }
`

test('a capture that QEMU gave up on a full disk says nothing of what it lacks', () => {
  const ended = runOnDisk(3000, 'captured', captured)
  isTold(ended)
  assert.equal(ended.status, 3, ended.text)
  assert.match(ended.text, /c holds 0 frames of "udp port 9", but it ended when there was no room for more/)
})

test('what nobody caught ends the run in order, with 3 and the cause, and its machines with it', async () => {
  const cwd = join(folder, 'fault')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'lab.yaml'), lab('yes').replace('seq 1 400000', 'sleep 300'))
  const preload = join(cwd, 'preload.mjs')
  writeFileSync(
    preload,
    `import { existsSync } from 'node:fs'
const timer = setInterval(() => {
  if (!existsSync('now')) return
  clearInterval(timer)
  throw new Error('nobody caught this')
}, 100).unref()\n`,
  )
  const child = spawn(process.execPath, ['--import', preload, main, 'run', './lab.yaml', '--results', 'r'], { cwd })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      // The machine is up, and the step that sleeps has begun.
      if (/talker runs/.test(text) && !existsSync(join(cwd, 'now'))) writeFileSync(join(cwd, 'now'), '')
    })
  const status = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(status, 3, text)
  assert.match(text, /cannot go on: Error: nobody caught this/)
  assert.equal(text.match(/cannot go on/g)?.length, 1, text)
  assert.ok(readFileSync(join(cwd, 'r/report.html'), 'utf8').length > 1000)
  assert.deepEqual(machinesOf(join(cwd, 'r')), [])
})

/** Processes whose command line or open files name a folder. */
const machinesOf = (results: string) =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(results)
      } catch {
        return false
      }
    })

test('a reader that goes away is no trouble to any command, and a full disk behind its output is exit code 3', () => {
  const cwd = join(folder, 'commands')
  const fixture = join(import.meta.dirname, '../../../reports/fixtures/passed.jsonl')
  for (const name of ['a', 'b']) {
    mkdirSync(join(cwd, name), { recursive: true })
    cpSync(fixture, join(cwd, name, 'events.jsonl'))
  }
  const run = (line: string) => spawnSync('bash', ['-c', line], { cwd, encoding: 'utf8' })
  const wirelab = `"${process.execPath}" "${main}"`
  run(`${wirelab} report a; ${wirelab} report b`)
  const lines = [
    '',
    '--help',
    'check --all',
    'graph bridge-veth',
    'plan bridge-veth',
    'report a',
    'history a',
    'compare a b',
  ]
  for (const words of [...lines, 'ps', 'run --help', 'image list', 'merge a --out merged']) {
    const { stderr, stdout } = run(`${wirelab} ${words} | head -1; echo "\${PIPESTATUS[0]}"`)
    assert.equal(stderr, '', words)
    assert.equal(stdout.trim().split('\n').at(-1), '0', words)
    rmSync(join(cwd, 'merged'), { recursive: true, force: true })
    const full = run(`${wirelab} ${words} > /dev/full`)
    assert.equal(full.stderr, 'cannot write the output: ENOSPC: no space left on device, write\n', words)
    assert.equal(full.status, 3, words)
    rmSync(join(cwd, 'merged'), { recursive: true, force: true })
  }
})
