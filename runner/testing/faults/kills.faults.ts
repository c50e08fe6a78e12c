import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { copyImage } from './copy-cache.ts'
import { markedProcesses, snapshotHost } from './host-snapshot.ts'

/** How many kills; the nightly workflow has 200. */
const kills = Number(process.env['WIRELAB_KILLS'] ?? 10)
const seed = Number(process.env['WIRELAB_SEED'] ?? randomInt(2 ** 31))
/** Within which nothing may be left. */
const goneMs = 3000

const root = mkdtempSync(join(tmpdir(), 'kills-'))
const [runtime, temporary, results] = ['run', 'tmp', 'results'].map((name) => join(root, name)) as [
  string,
  string,
  string,
]
const folders = [runtime, temporary]
for (const folder of [...folders, results]) mkdirSync(folder, { mode: 0o700 })
const main = join(import.meta.dirname, '../../cli/main.ts')
let counted = 0

after(() => rmSync(root, { recursive: true }))

/** A process of wirelab that can be told from those of others. */
interface Marked {
  readonly child: ChildProcess
  readonly mark: string
  readonly exitCode: Promise<number | null>
  /** What it printed. */
  words(): string
}

function begin(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Marked {
  const value = `${process.pid}-${counted++}`
  const own = { XDG_RUNTIME_DIR: runtime, TMPDIR: temporary, WIRELAB_TEST_MARK: value }
  const child = spawn(process.execPath, [main, ...words], {
    cwd: results,
    // The input of a shell stays open.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...own, ...environment },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-20_000)
    })
  const exitCode = once(child, 'close').then(([code]) => code as number | null)
  return { child, mark: `WIRELAB_TEST_MARK=${value}`, exitCode, words: () => printed }
}

/** A command, and how long it takes at most to be killed at any of its moments. */
interface Victim {
  readonly name: string
  readonly words: readonly string[]
  readonly upToMs: number
  readonly environment?: Readonly<Record<string, string>>
}

/** The image is built in a cache of its own. */
const victims: readonly Victim[] = [
  { name: 'run', words: ['bridge-veth'], upToMs: 12_000 },
  { name: 'mutate', words: ['mutate', 'bridge-veth'], upToMs: 12_000 },
  { name: 'shell', words: ['shell', 'bridge-veth'], upToMs: 10_000 },
  { name: 'set-up', words: ['setup', '--yes'], upToMs: 2000 },
  {
    name: 'build',
    words: ['image', 'build'],
    upToMs: 15_000,
    environment: { XDG_CACHE_HOME: join(root, 'cache') },
  },
]

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomOf(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What a killed process leaves that runs or listens, when it has had its time. */
async function leftOf(mark: string): Promise<readonly string[]> {
  const killedMs = performance.now()
  for (;;) {
    const { processes, sockets } = snapshotHost({ mark, folders })
    const left = [...processes, ...sockets]
    if (left.length === 0 || performance.now() - killedMs > goneMs) return left
    await sleep(50)
  }
}

/** What lies in the folders that runs use beside their results. */
const filesNow = () => snapshotHost({ mark: 'WIRELAB_TEST_MARK=nobody', folders }).files

/** Ends what a test found, by number, so that it does not stay. */
function endMarked(mark: string): void {
  for (const pid of markedProcesses(mark)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function passes(words: readonly string[]): Promise<void> {
  const { exitCode, words: printed, mark } = begin(words)
  assert.equal(await exitCode, 0, printed())
  assert.deepEqual(await leftOf(mark), [])
}

test(`${kills} commands killed at any moment leave nothing, and the next cleans up and runs`, async (t) => {
  t.diagnostic(`WIRELAB_SEED=${seed} WIRELAB_KILLS=${kills}`)
  const random = randomOf(seed)
  const before = filesNow()
  const left: string[] = []
  for (let at = 0; at < kills; at++) {
    const victim = victims[at % victims.length] as Victim
    const afterMs = Math.round(random() * victim.upToMs)
    const { child, mark, exitCode } = begin(victim.words, victim.environment)
    await sleep(afterMs)
    child.kill('SIGKILL')
    const stays = await leftOf(mark)
    endMarked(mark)
    await exitCode
    t.diagnostic(`${victim.name} killed after ${afterMs} ms: ${stays.join(', ') || 'nothing left'}`)
    left.push(...stays.map((line) => `${victim.name} after ${afterMs} ms: ${line}`))
    await passes(['down'])
    const files = filesNow().filter((file) => !before.includes(file))
    left.push(...files.map((line) => `${victim.name} after ${afterMs} ms, when the next had cleaned up: ${line}`))
  }
  assert.deepEqual(left, [])
  await passes(['bridge-veth'])
})

test('five runs at once pass and leave nothing', async () => {
  const before = filesNow()
  await Promise.all(Array.from({ length: 5 }, () => passes(['bridge-veth'])))
  assert.deepEqual(filesNow(), before)
})

test('two set-ups at once make one template and are both ready', async () => {
  const cache = join(root, 'cache-of-two')
  await copyImage(join(cache, 'wirelab'))
  const both = [0, 1].map(() => begin(['setup', '--yes'], { XDG_CACHE_HOME: cache }))
  for (const { exitCode, words, mark } of both) {
    assert.equal(await exitCode, 0, words())
    assert.deepEqual(await leftOf(mark), [])
  }
  assert.equal(both.filter(({ words }) => words().includes('Booted and froze it')).length, 1)
})

for (const [name, words, signal, code] of [
  ['run', ['bridge-veth'], 'SIGHUP', 129],
  ['shell', ['shell', 'bridge-veth'], 'SIGQUIT', 131],
] as const)
  test(`a ${name} ended by ${signal} exits with ${code} and leaves nothing`, async () => {
    const before = filesNow()
    const { child, mark, exitCode, words: printed } = begin(words)
    while (!printed().includes(' up after ') && child.exitCode === null) await sleep(20)
    child.kill(signal)
    assert.equal(await exitCode, code, printed())
    assert.deepEqual(await leftOf(mark), [])
    assert.deepEqual(filesNow(), before)
    if (name === 'run') assert.match(printed(), /interrupted: 0 of 1 variant judged/)
  })
