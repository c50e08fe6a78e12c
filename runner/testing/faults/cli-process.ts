import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HostSnapshot, markedProcesses, snapshotHost } from './host-snapshot.ts'

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

/** A host of its own for the command line: runtime and temporary folders that no other run uses. */
export interface PrivateHost {
  /** Holds all of it. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Starts a command, in front of which `before` may stand, as in `unshare --pid`. */
  start(words: readonly string[], before?: readonly string[]): Started
  /** Runs a command to its end. */
  run(words: readonly string[], before?: readonly string[]): Promise<Ended>
  /** Waits until nothing runs that was started here. */
  nothingRuns(): Promise<void>
  /** What its commands have on this host now, and what lies in its folders. */
  look(): HostSnapshot
  remove(): void
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly exitCode: number | null
  /** Both streams. */
  readonly output: string
}

/** Makes such a host. The cache is the user's: images and templates take long to make. */
export function makePrivateHost(): PrivateHost {
  const folder = mkdtempSync('/tmp/wl-')
  const [run, temporary] = [join(folder, 'run'), join(folder, 'tmp')]
  for (const path of [run, temporary]) mkdirSync(path, { mode: 0o700 })
  // The mark of all that is started here: QEMU inherits nothing else of the environment.
  const PATH = `${process.env['PATH']}:${folder}`
  const environment = { XDG_RUNTIME_DIR: run, XDG_STATE_HOME: join(folder, 'state'), TMPDIR: temporary, PATH }
  const start: PrivateHost['start'] = (words, before = []) => {
    const [program = '', ...rest] = [...before, process.execPath, main, ...words]
    const child = spawn(program, rest, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    // Not "close": what outlives it may have its streams.
    const ended = new Promise<Ended>((resolve) => {
      child.once('exit', (exitCode) => setImmediate(() => resolve({ exitCode, output })))
    })
    return { child, ended }
  }
  return {
    folder,
    environment,
    start,
    run: (words, before) => start(words, before).ended,
    async nothingRuns() {
      for (const untilMs = performance.now() + 5000; markedProcesses(`PATH=${PATH}`).length > 0; await sleep(20))
        assert.ok(performance.now() < untilMs, this.look().processes.join('\n'))
    },
    look: () => snapshotHost({ mark: `PATH=${PATH}`, folders: [run, temporary] }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
