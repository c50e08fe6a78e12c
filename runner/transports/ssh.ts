import { constants } from 'node:os'
import type { Client, ClientChannel } from 'ssh2'
import { machineryError, messageOf } from '../errors.ts'
import { afterTime } from '../host/deadline.ts'
import { shellLine } from '../host/shell-words.ts'
import { boundedOutput } from './bounded-output.ts'
import { logIn, type SshAddress } from './ssh-login.ts'
import type { Argv, CommandOptions, CommandResult, Connection, RunningCommand, Terminal } from './transport.ts'
import { wholePrinted } from './whole-output.ts'

/** How much of each stream a result holds. */
const resultBytes = 256 * 1024
/** What a shell reports for a command ended by a signal is 128 and its number; KILL is 9. */
const killedExitCode = 137
/** How long a command that ran out of time has to end after each signal. */
const graceMs = 500
/** How long the sending of a signal may take. */
const signalMs = 10_000
/** How long a machine may take to open a channel for a command, at most. */
const longestOpenMs = 30_000
/** What the machine's shell writes to standard error when it begins a command: ASCII's ACK. It is taken out again. */
const begunMark = 6

/**
 * Logs in and proves both sides. Commands that run at the same time get a connection each, which is kept for the next:
 * Dropbear (2022.83) takes a channel whose command has not begun for one that is over when a command on another
 * channel of the same connection ends just then, and closes it, or all.
 * @throws WirelabError of kind machinery when there is no answer in `timeoutMs` or a key does not fit
 */
export async function connectSsh(address: SshAddress, timeoutMs: number): Promise<Connection> {
  const first = await logIn(address, timeoutMs)
  const ended = new Promise<void>((resolve) => first.once('close', () => resolve()))
  const all = new Set([first])
  const idle = [first]
  const pool: Pool = {
    openMs: Math.min(timeoutMs, longestOpenMs),
    async take(signal) {
      const client = idle.pop()
      if (client) return client
      const another = await logIn(address, timeoutMs, signal)
      all.add(another)
      another.once('close', () => all.delete(another))
      return another
    },
    giveBack: (client) => idle.push(client),
  }
  return {
    ended,
    start: (argv, options) => startCommand(pool, argv, options),
    run: (argv, options) => startCommand(pool, argv, options).ended,
    interact: async (argv, terminal) => interact(await pool.take(), argv, terminal),
    close() {
      for (const client of all) client.destroy()
    },
  }
}

/** Connections of one machine, each for one command at a time. */
interface Pool {
  /** How long a connection may take to begin a command. */
  readonly openMs: number
  /** An idle one, or a new one. @throws as logIn */
  take(signal?: AbortSignal): Promise<Client>
  /** For a connection whose command is over; one with a command that may still run is destroyed instead. */
  giveBack(client: Client): void
}

let commands = 0

/** A command, and what ends it from outside. */
interface Command extends Partial<CommandOptions> {
  readonly argv: Argv
  /** File in the machine that holds its process's number. */
  readonly pidFile: string
  /** When its input ends, if that is held. */
  readonly inputEnded: Promise<void> | undefined
  kill(name: string): void
}

function startCommand(pool: Pool, argv: Argv, options: Partial<CommandOptions>): RunningCommand {
  const pidFile = `/run/command-${commands++}.pid`
  const kill = (name: string) => void sendSignal(pool, pidFile, name)
  const { promise, resolve: endInput } = Promise.withResolvers<void>()
  const command: Command = { ...options, argv, pidFile, kill, inputEnded: options.holdsInput ? promise : undefined }
  const ended = pool.take(options.signal).then((client) => execute(client, pool, command))
  return { ended, signal: kill, endInput }
}

function execute(client: Client, pool: Pool, command: Command): Promise<CommandResult> {
  const { argv, kill, signal, timeoutMs, clock } = command
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
  const output = outputOf(command, (cause) => fail(cause))
  const toCallOff: (() => void)[] = []
  /** `over`: nothing runs on the connection any more. */
  const settle = (over: boolean, finish: () => void) => {
    for (const callOff of toCallOff) callOff()
    signal?.removeEventListener('abort', aborted)
    client.removeListener('close', broken)
    if (over) pool.giveBack(client)
    else client.destroy()
    finish()
    output.close()
  }
  const fail = (cause: string, error?: Error) =>
    settle(false, () => reject(machineryError(`cannot run ${argv[0]}: ${cause}`, undefined, error)))
  const broken = () => fail('the connection to the machine ended')
  const aborted = () => settle(false, () => reject(signal?.reason))
  const outOfTime = () => {
    output.timedOut = true
    kill('TERM')
    toCallOff.push(afterTime(graceMs, () => kill('KILL'), clock))
    // A child that keeps the output open cannot keep the runner: what came until now is the result.
    toCallOff.push(afterTime(2 * graceMs, () => settle(false, () => resolve(output.result())), clock))
  }
  const { openMs } = pool
  const stopWaiting = afterTime(openMs, () => fail(`the machine opened no channel within ${openMs / 1000} s`), clock)
  toCallOff.push(stopWaiting)
  const opened = (error: Error | undefined, channel: ClientChannel) => {
    stopWaiting()
    if (error) return fail(error.message, error)
    if (timeoutMs !== undefined) toCallOff.push(afterTime(timeoutMs, outOfTime, clock))
    output.readFrom(channel)
    channel.on('close', () =>
      settle(true, () => {
        if (output.begun) resolve(output.result())
        else reject(machineryError(`cannot run ${argv[0]}: the shell of the machine did not begin it`))
      }),
    )
    if (command.inputEnded) void command.inputEnded.then(() => channel.end())
    else channel.end(command.stdin ?? new Uint8Array())
  }

  client.once('close', broken)
  if (signal?.aborted) aborted()
  else {
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      client.exec(`echo $$ >${command.pidFile}; printf '\\${begunMark}' >&2; exec ${shellLine(argv)}`, opened)
    } catch (error) {
      // The client throws when its connection has ended.
      fail(messageOf(error))
    }
  }
  return promise
}

/** What a command prints and how it ends, as it comes. `fail` is called when the receiver of its output fails. */
function outputOf({ onOutput, wholeIn }: Pick<CommandOptions, 'onOutput' | 'wholeIn'>, fail: (cause: string) => void) {
  const startedMs = performance.now()
  const kept = { stdout: boundedOutput(resultBytes), stderr: boundedOutput(resultBytes) }
  const whole = wholeIn === undefined ? undefined : wholePrinted(wholeIn)
  let exitCode: number | undefined
  const receive = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    kept[name].add(chunk)
    whole?.[name].add(chunk)
    try {
      onOutput?.(name, chunk)
    } catch (error) {
      // Thrown on, it would break the connection, and that would seem to be the cause.
      fail(`its output cannot be kept: ${messageOf(error)}`)
    }
  }
  const receiveError = receive('stderr')
  return {
    timedOut: false,
    /** Whether the command was begun: a shell that is gone, or ends early, leaves an exit code too. */
    begun: false,
    readFrom(channel: ClientChannel) {
      channel.on('data', receive('stdout'))
      channel.stderr.on('data', (chunk: Buffer) => {
        const at = this.begun ? -1 : chunk.indexOf(begunMark)
        if (at >= 0) this.begun = true
        const printed = at < 0 ? chunk : Buffer.concat([chunk.subarray(0, at), chunk.subarray(at + 1)])
        if (printed.length > 0) receiveError(printed)
      })
      channel.on('exit', (code: number | null, signalName?: string) => {
        exitCode = code ?? signalExitCode(signalName)
      })
    },
    result(): CommandResult {
      return {
        exitCode: exitCode ?? killedExitCode,
        stdout: kept.stdout.text(),
        stderr: kept.stderr.text(),
        cut: kept.stdout.cut || kept.stderr.cut,
        ...(whole === undefined ? {} : { whole: whole.printed() }),
        timedOut: this.timedOut,
        durationMs: performance.now() - startedMs,
      }
    },
    close: () => whole?.close(),
  }
}

/** What a shell reports for a command that a signal ended: 128 and the signal's number. */
function signalExitCode(name = 'KILL') {
  const known = Object.entries(constants.signals).find(([each]) => each === `SIG${name.replace(/^SIG/, '')}`)
  return 128 + (known?.[1] ?? constants.signals.SIGKILL)
}

/**
 * Sends a signal to the process whose number a file holds, and to its children. Dropbear does not act on the signal
 * request of RFC 4254, 6.9. A process that is gone already is no error, nor a machine that is.
 */
async function sendSignal(pool: Pool, pidFile: string, name: string): Promise<void> {
  const script = `pid=$(cat ${pidFile}) && pkill -${name} -P "$pid"; kill -${name} "$pid"`
  await startCommand(pool, ['sh', '-c', script], { timeoutMs: signalMs }).ended.catch(() => {})
}

function interact(client: Client, argv: Argv, { input, output }: Terminal): Promise<number> {
  // Without a terminal the end of the input must be the end of the shell, and a pty has no such end.
  const pty = { term: process.env['TERM'] || 'xterm', cols: output.columns ?? 80, rows: output.rows ?? 24 }
  return new Promise((resolve, reject) => {
    client.exec(`exec ${shellLine(argv)}`, input.isTTY ? { pty } : {}, (error, channel) => {
      if (error) return reject(machineryError(`cannot open a shell: ${error.message}`, undefined, error))
      const resized = () => channel.setWindow(output.rows, output.columns, 0, 0)
      let exitCode = 0
      channel.on('exit', (code: number | null) => {
        exitCode = code ?? killedExitCode
      })
      channel.on('close', () => {
        output.removeListener('resize', resized)
        input.unpipe(channel)
        input.pause()
        if (input.isTTY) input.setRawMode(false)
        resolve(exitCode)
      })
      if (input.isTTY) input.setRawMode(true)
      output.on('resize', resized)
      input.pipe(channel)
      channel.pipe(output, { end: false })
      channel.stderr.pipe(output, { end: false })
    })
  })
}
