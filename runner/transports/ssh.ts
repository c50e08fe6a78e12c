import { constants } from 'node:os'
import { Client, type ClientChannel } from 'ssh2'
import { machineryError } from '../errors.ts'
import type { CommandOptions, CommandResult, RunningCommand } from '../providers/provider.ts'
import { boundedOutput } from './bounded-output.ts'
import { shellLine } from './shell-words.ts'

/** Where a machine's SSH server is, and the keys of both sides. */
export interface SshAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  /** OpenSSH or PEM private key. */
  readonly clientKey: string | Buffer
  /** The server's only acceptable public key, base64 of its wire format. */
  readonly hostKey: string
}

/** One connection to a machine, on which any number of commands run, also at the same time. */
export interface SshConnection {
  /** Starts a command, given as arguments; without `timeoutMs` it may run for ever. */
  start(argv: readonly [string, ...string[]], options: Partial<CommandOptions>): RunningCommand
  /**
   * Runs a command, given as arguments, so that no shell interprets them.
   * @throws WirelabError of kind machinery when the connection breaks before the command ends
   */
  run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult>
  /** Joins the given terminal streams to a command with a terminal of its own. Gives its exit code. */
  interact(argv: readonly [string, ...string[]], terminal: Terminal): Promise<number>
  close(): void
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>
}

/** The caller's terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** How much of each stream a result holds. */
const resultBytes = 256 * 1024
/** What a shell reports for a command ended by a signal is 128 and its number; KILL is 9. */
const killedExitCode = 137
/** How long a command that ran out of time has to end after each signal. */
const graceMs = 500

/**
 * Connects and proves both sides.
 * Of what OpenSSH and Dropbear both speak, the algorithms here cost emulated machines the least.
 * @throws WirelabError of kind machinery when there is no answer in `timeoutMs` or a key does not fit
 */
export function connectSsh(address: SshAddress, timeoutMs: number): Promise<SshConnection> {
  const client = new Client()
  // Each command that runs listens for the end of the connection, and any number may run.
  client.setMaxListeners(0)
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.setNoDelay()
      resolve({
        ended,
        start: (argv, options) => startCommand(client, argv, options),
        run: (argv, options) => startCommand(client, argv, options).ended,
        interact: (argv, terminal) => interact(client, argv, terminal),
        close: () => client.destroy(),
      })
    })
    client.on('error', (error) => {
      client.destroy()
      reject(machineryError(`cannot log in at ${address.host}:${address.port}: ${error.message}`, undefined, error))
    })
    client.once('close', () =>
      reject(machineryError(`cannot log in at ${address.host}:${address.port}: connection closed`)),
    )
    client.connect({
      host: address.host,
      port: address.port,
      username: address.user,
      privateKey: address.clientKey,
      readyTimeout: timeoutMs,
      hostVerifier: (key: Buffer) => key.toString('base64') === address.hostKey,
      algorithms: {
        kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
        serverHostKey: ['ssh-ed25519'],
        cipher: ['aes128-ctr'],
        hmac: ['hmac-sha2-256', 'hmac-sha1'],
        compress: ['none'],
      },
    })
  })
}

function startCommand(
  client: Client,
  argv: readonly [string, ...string[]],
  options: Partial<CommandOptions>,
): RunningCommand {
  const startedMs = performance.now()
  const stdout = boundedOutput(resultBytes)
  const stderr = boundedOutput(resultBytes)
  const pidFile = `/run/command-${commands++}.pid`
  const signal = (name: string) => sendSignal(client, pidFile, name)
  const ended = new Promise<CommandResult>((resolve, reject) => {
    let exitCode: number | undefined
    let timedOut = false
    const timers: NodeJS.Timeout[] = []
    const settle = (finish: () => void) => {
      for (const timer of timers) clearTimeout(timer)
      options.signal?.removeEventListener('abort', aborted)
      client.removeListener('close', broken)
      finish()
    }
    const result = (): CommandResult => ({
      exitCode: exitCode ?? killedExitCode,
      stdout: stdout.text(),
      stderr: stderr.text(),
      cut: stdout.cut || stderr.cut,
      timedOut,
      durationMs: performance.now() - startedMs,
    })
    const broken = () =>
      settle(() => reject(machineryError(`cannot run ${argv[0]}: the connection to the machine ended`)))
    const aborted = () => settle(() => reject(options.signal?.reason))
    client.once('close', broken)
    if (options.signal?.aborted) return aborted()
    options.signal?.addEventListener('abort', aborted, { once: true })

    const command = `echo $$ >${pidFile}; exec ${shellLine(argv)}`
    const opened: Opened = (error, channel) => {
      if (error)
        return settle(() => reject(machineryError(`cannot run ${argv[0]}: ${error.message}`, undefined, error)))
      const outOfTime = () => {
        timedOut = true
        signal('TERM')
        timers.push(setTimeout(() => signal('KILL'), graceMs))
        // A child that keeps the output open cannot keep the runner: what came until now is the result.
        timers.push(setTimeout(() => settle(() => resolve(result())), 2 * graceMs))
      }
      if (options.timeoutMs !== undefined) timers.push(setTimeout(outOfTime, options.timeoutMs))
      const receive = (name: 'stdout' | 'stderr', kept: typeof stdout) => (chunk: Buffer) => {
        kept.add(chunk)
        options.onOutput?.(name, chunk)
      }
      channel.on('data', receive('stdout', stdout))
      channel.stderr.on('data', receive('stderr', stderr))
      channel.on('exit', (code: number | null, signalName?: string) => {
        exitCode = code ?? signalExitCode(signalName)
      })
      channel.on('close', () => settle(() => resolve(result())))
      channel.end(options.stdin ?? new Uint8Array())
    }
    openChannel(client, command, opened)
  })
  return { ended, signal }
}

/** Receives a channel, or the reason why there is none. */
type Opened = (...result: [error: undefined, channel: ClientChannel] | [error: Error, channel: undefined]) => void

/** How often a channel is opened until the server's refusal is believed. */
const channelAttempts = 10

/**
 * Opens a channel and has a command started on it. Dropbear closes a channel that has no command yet when a command
 * on another channel ends just then (2022.83; its check for sessions that are over takes "no process yet" for
 * "process gone"). The command was not started in that case, so that it can be asked for on a new channel.
 */
function openChannel(client: Client, command: string, opened: Opened, attempt = 1): void {
  try {
    client.exec(command, (error, channel) => {
      const refused = error?.message === 'Unable to exec' && attempt < channelAttempts
      if (refused) openChannel(client, command, opened, attempt + 1)
      else if (error) opened(error, undefined)
      else opened(undefined, channel)
    })
  } catch (error) {
    // The client throws when the connection has ended.
    opened(error instanceof Error ? error : new Error(String(error)), undefined)
  }
}

/** What a shell reports for a command that a signal ended: 128 and the signal's number. */
const signalExitCode = (name = 'KILL') => {
  const known = Object.entries(constants.signals).find(([each]) => each === `SIG${name.replace(/^SIG/, '')}`)
  return 128 + (known?.[1] ?? constants.signals.SIGKILL)
}

let commands = 0

/**
 * Sends a signal to the process whose number a file holds, and to its children. Dropbear does not act on the signal
 * request of RFC 4254, 6.9. A process that is gone already is no error.
 */
function sendSignal(client: Client, pidFile: string, name: string): void {
  const script = `pid=$(cat ${pidFile}) && pkill -${name} -P "$pid"; kill -${name} "$pid"`
  openChannel(client, script, (error, channel) => {
    // When the connection has ended, so has what the signal was for.
    if (!error) channel.resume().stderr.resume()
  })
}

function interact(client: Client, argv: readonly [string, ...string[]], { input, output }: Terminal): Promise<number> {
  const pty = { term: process.env['TERM'] || 'xterm', cols: output.columns ?? 80, rows: output.rows ?? 24 }
  return new Promise((resolve, reject) => {
    client.exec(`exec ${shellLine(argv)}`, { pty }, (error, channel) => {
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
    })
  })
}
