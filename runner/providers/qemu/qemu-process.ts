import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Duplex, Readable, Writable } from 'node:stream'
import { machineryError, messageOf } from '../../errors.ts'
import { type BoundedLog, keepBounded } from '../../host/bounded-log.ts'
import { confined } from '../../host/confinement.ts'
import { ownCommand } from '../../host/own-command.ts'
import { withoutHugePages } from '../../host/without-huge-pages.ts'
import { openQmp, type Qmp } from '../qmp/qmp.ts'
import { type Descriptors, descriptorIn, withStdio } from './descriptors.ts'

/** The program; found by PATH. */
export const qemuProgram = 'qemu-system-x86_64'

const consoleLimitBytes = 4 * 1024 * 1024

/** What filter-dump says when a write fails, before it closes the file for good (QEMU, net/dump.c). */
const captureGivenUp = /network dump write error/

/** How a QEMU ended. */
export interface QemuEnd {
  /** What it said last, or how it ended, for people. */
  readonly words: string
  /** What killed it, if anything did. */
  readonly signal: NodeJS.Signals | undefined
}

/** A running QEMU that answers QMP. */
export interface QemuProcess {
  readonly pid: number
  readonly qmp: Qmp
  readonly console: BoundedLog
  /** Leads to the machine's SSH server, at the port that it was started for. */
  readonly ssh: Duplex
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<QemuEnd>
  /** How often it has said that it gives a capture up, because it could not write. */
  capturesGivenUp(): number
  /** Kills the process and waits until it is gone and its console is kept. */
  kill(): Promise<void>
  /** Lets this process end while that one runs on. */
  detach(): void
}

export interface StartOptions {
  readonly arguments: readonly string[]
  /** Files that are open in it; they may be closed here when it runs. */
  readonly descriptors: Descriptors
  /** File that keeps what the machine prints on its console. */
  readonly consoleLog: string
  /** Receives what keeps that from being written. */
  readonly onLost?: (cause: unknown) => void
  /**
   * Lets it live on when the runner ends, with this descriptor of its runtime folder open. Without it the kernel kills
   * it with the runner, whatever ends the runner.
   */
  readonly outlivesWith?: number
}

/** The variables that QEMU gets of the environment: what may stand in the others is no concern of it. */
const inherited = ['PATH', 'LD_LIBRARY_PATH']

/**
 * What it is given besides: UTC, by which it stamps captured frames, where it would by local time; and one arena of
 * malloc(3) for all threads and all that GLib allocates, which takes a megabyte less than several and slices of GLib's.
 */
const given = { TZ: 'UTC0', MALLOC_ARENA_MAX: '1', G_SLICE: 'always-malloc' }

/**
 * Starts QEMU, without privileges and huge pages, and connects to its QMP.
 * @throws WirelabError of kind machinery when QEMU is missing or ends at once; the message has its last words
 */
export async function startQemu(options: StartOptions): Promise<QemuProcess> {
  const { outlivesWith, descriptors } = options
  const [program, ...rest] = confined(withoutHugePages([qemuProgram, ...options.arguments]), outlivesWith !== undefined)
  // A session of its own: a Ctrl-C on the terminal reaches the runner alone, which then ends machines in order.
  const env = { ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])), ...given }
  const open = { ...descriptors, ...(outlivesWith === undefined ? {} : { kept: outlivesWith }) }
  const child = withStdio(open, (stdio) => spawn(program, rest, { detached: true, cwd: '/', env, stdio }))
  const errors = collect(child.stderr as Readable)
  const capturesGivenUp = countLines(child.stderr as Readable, captureGivenUp)
  const ended = endOf(child, errors)
  const log = keepBounded(child.stdio[3] as Readable, options.consoleLog, consoleLimitBytes, options.onLost)
  child.stdin?.on('error', () => {})
  const ssh = child.stdio[descriptorIn('ssh')] as Duplex
  ssh.on('error', () => {})
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
    await log.close()
  }
  try {
    const qmp = await openQmp(child.stdout as Readable, child.stdin as Writable)
    const detached = () => detach(child)
    return { pid: child.pid as number, qmp, console: log, ssh, ended, capturesGivenUp, kill, detach: detached }
  } catch (error) {
    await kill()
    throw machineryError(
      `cannot start QEMU: ${(await ended).words}`,
      `${ownCommand('doctor')} says what this host lacks`,
      messageOf(error),
    )
  }
}

function detach(child: ChildProcess) {
  child.unref()
  for (const stream of child.stdio) stream?.destroy()
}

const endOf = (child: ChildProcess, errors: () => string) =>
  new Promise<QemuEnd>((resolve) => {
    const end = (words: string, signal: NodeJS.Signals | null = null) => resolve({ words, signal: signal ?? undefined })
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? `${child.spawnfile} is not installed` : error.message),
    )
    child.once('exit', (code, signal) => {
      // What it printed last may still be on its way when it exits.
      child.once('close', () =>
        end(errors() || (signal ? `QEMU was ended by ${signal}` : `QEMU exited with ${code}`), signal),
      )
    })
  })

function collect(stream: Readable) {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-4096)
  })
  return () => text.trim()
}

function countLines(stream: Readable, pattern: RegExp) {
  let count = 0
  createInterface({ input: stream }).on('line', (line) => {
    if (pattern.test(line)) count++
  })
  return () => count
}
