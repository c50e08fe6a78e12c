import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { $ } from 'zx/core'
import { hasCode, machineryError, messageOf } from '../errors.ts'
import { diesWithRunner } from './dies-with-runner.ts'

export interface HostCommandOptions {
  /** What messages call the command; its program, if left out. */
  readonly title?: string
  /** Ends the command with `stopSignal`; the promise settles when it has ended. */
  readonly signal?: AbortSignal
  /** Default: SIGTERM, and SIGKILL 10 s later. */
  readonly stopSignal?: 'SIGTERM' | 'SIGKILL'
  /** Default: one minute. */
  readonly timeoutMs?: number
  /** Variables on top of this process's own. */
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
  /** Descriptor of what it reads from its standard input; nothing, if left out. */
  readonly input?: number
  /** Receives each line of both streams as it comes. */
  readonly onLine?: (line: string) => void
  /** Kills the command when this process dies, be it by SIGKILL. */
  readonly dieWithRunner?: boolean
  /**
   * It reads from a pipe that ends when the command is to end, or this process has: in place of signals, for a command
   * made by `endsWithInput`.
   */
  readonly heldInput?: boolean
}

export interface HostCommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const defaultTimeoutMs = 60_000
const killAfterMs = 10_000
/** How long after its end a command's output may be held open: by a child that it left, which need never end. */
const heldOpenMs = 2_000

/**
 * Runs a program of the host to its end, without a shell, and returns what it printed, whatever its exit code is.
 * @throws WirelabError of kind machinery when it can't be started, was killed, or took too long; the signal's reason
 * when that ended it
 */
export async function tryHostCommand(
  argv: readonly [string, ...string[]],
  options: HostCommandOptions = {},
): Promise<HostCommandResult> {
  const { signal, stopSignal = 'SIGTERM', timeoutMs = defaultTimeoutMs, onLine, title = argv[0] } = options
  signal?.throwIfAborted()
  const { child, output } = startHostCommand(argv, options)
  let timedOut = false
  let killer: NodeJS.Timeout | undefined
  const stop = () => {
    if (options.heldInput) return void child()?.stdin?.destroy()
    child()?.kill(stopSignal)
    killer ??= setTimeout(() => child()?.kill('SIGKILL'), killAfterMs)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal?.addEventListener('abort', stop)
  if (onLine !== undefined) for (const stream of [output.stdout, output.stderr]) eachLine(stream, onLine)

  const {
    exitCode,
    signal: killedBy,
    stdout,
    stderr,
    cause,
  } = await output.finally(() => {
    clearTimeout(timer)
    clearTimeout(killer)
    signal?.removeEventListener('abort', stop)
  })
  if (isMissing(cause)) throw commandFault('not-installed', title, 'it is not installed', cause)
  signal?.throwIfAborted()
  if (timedOut) throw commandFault('timed-out', title, `it had not ended after ${timeoutMs / 1000} s`)
  if (exitCode === null) throw commandFault('not-ended', title, String(killedBy ?? cause), cause)
  return { exitCode, stdout, stderr }
}

/** Starts a program by zx, which collects its output. */
function startHostCommand(
  argv: readonly [string, ...string[]],
  { environment = {}, folder, input, dieWithRunner = false, heldInput = false }: HostCommandOptions,
) {
  let child: ChildProcess | undefined
  const output = $({
    nothrow: true,
    quiet: true,
    stdio: [heldInput ? 'pipe' : (input ?? 'ignore'), 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(folder === undefined ? {} : { cwd: folder }),
    // zx puts words together for a shell; its own spawning gives way to one that takes them as they are.
    quote: (word) => word,
    spawn: ((_command: string, _arguments: unknown, spawnOptions: SpawnOptions) => {
      const [file, ...rest] = dieWithRunner ? diesWithRunner(argv) : argv
      child = spawn(file, rest, { ...spawnOptions, shell: false, detached: false })
      letGoAfterEnd(child)
      return child
    }) as typeof spawn,
  })`${[...argv]}`
  return { child: () => child, output }
}

/** What a command printed has been read soon after its end; whoever else holds its output is not waited for. */
function letGoAfterEnd(child: ChildProcess) {
  child.once('exit', () => {
    const timer = setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, heldOpenMs)
    child.once('close', () => clearTimeout(timer))
  })
}

const commandFault = (
  code: 'not-installed' | 'timed-out' | 'not-ended',
  title: string,
  problem: string,
  cause?: unknown,
) => machineryError(`cannot run ${title}: ${problem}`, undefined, cause, { code, detail: { title, problem } })

/** Runs a program as `tryHostCommand` does. @throws WirelabError also when its exit code is not 0 */
export async function runHostCommand(
  argv: readonly [string, ...string[]],
  options: HostCommandOptions = {},
): Promise<HostCommandResult> {
  const result = await tryHostCommand(argv, options)
  if (result.exitCode === 0) return result
  const { title = argv[0] } = options
  const lastWords = lastLines(result.stderr.trim() === '' ? result.stdout : result.stderr)
  const problem = `exit code ${result.exitCode}${lastWords === '' ? '' : `: ${lastWords}`}`
  throw machineryError(`cannot run ${title}: ${problem}`, undefined, undefined, {
    code: 'exit-code',
    detail: { title, problem, ...result },
  })
}

/** What kept a command from its end, with its title: for the message of what the command was run for. */
export const commandProblem = (error: unknown): string =>
  isCommandFault(error) ? `${error.detail.title}: ${error.detail.problem}` : messageOf(error)

/** Whether an error is of a command of the host. */
export const isCommandFault = (error: unknown) =>
  hasCode(error, 'not-installed') ||
  hasCode(error, 'exit-code') ||
  hasCode(error, 'not-ended') ||
  hasCode(error, 'timed-out')

const lastLines = (text: string) => text.trimEnd().split('\n').slice(-5).join('\n')

const isMissing = (cause: unknown) => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

function eachLine(stream: NodeJS.ReadableStream, receive: (line: string) => void) {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split(/\r?\n|\r/)
    rest = lines.pop() ?? ''
    for (const line of lines) receive(line)
  })
  stream.on('end', () => {
    if (rest !== '') receive(rest)
  })
}
