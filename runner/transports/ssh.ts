import type { Client } from 'ssh2'
import { machineryError, messageOf } from '../errors.ts'
import { within } from '../host/deadline.ts'
import { shellLine } from '../host/shell-words.ts'
import { openAgent } from './agent-channel.ts'
import { callFunction, killedExitCode, startCommand } from './agent-command.ts'
import type { NicState } from './agent-protocol.ts'
import { logIn, type SshAddress } from './ssh-login.ts'
import type { Argv, Connection, Terminal } from './transport.ts'

/** How long a machine may take to begin a command, at most. */
const longestBeginMs = 30_000

/**
 * Logs in and proves both sides. All commands go over one channel, to the agent in the machine. `onNic` hears which NICs
 * the machine sets up and takes down: what a command did to them, before that is known to be over.
 * @throws WirelabError of kind machinery when there is no answer in `timeoutMs` or a key does not fit
 */
export async function connectSsh(
  address: SshAddress,
  timeoutMs: number,
  onNic?: (nic: NicState) => void,
): Promise<Connection> {
  const client = await logIn(address, timeoutMs)
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()))
  const agent = await openAgent(client, timeoutMs, onNic).catch((error: unknown) => {
    client.destroy()
    throw machineryError(`cannot log in at ${address.at}: ${messageOf(error)}`, undefined, error)
  })
  const beginMs = Math.min(timeoutMs, longestBeginMs)
  return {
    ended,
    start: (argv, options) => startCommand(agent, argv, { ...options, beginMs }),
    run: (argv, options) => startCommand(agent, argv, { ...options, beginMs }).ended,
    call: (name, words, limitMs) => within(callFunction(agent, name, words), limitMs, `cannot call ${name}`),
    interact: (argv, terminal) => interact(client, argv, terminal),
    close: () => client.destroy(),
  }
}

function interact(client: Client, argv: Argv, { input, output, kind }: Terminal): Promise<number> {
  // Without a terminal the end of the input must be the end of the shell, and a pty has no such end.
  const pty = { term: kind || process.env['TERM'] || 'xterm', cols: output.columns ?? 80, rows: output.rows ?? 24 }
  return new Promise((resolve, reject) => {
    client.exec(`exec ${shellLine(argv)}`, input.isTTY ? { pty } : {}, (error, channel) => {
      if (error) return reject(machineryError(`cannot open a shell: ${error.message}`, undefined, error))
      const resized = () => channel.setWindow(output.rows ?? 24, output.columns ?? 80, 0, 0)
      let exitCode = 0
      channel.on('exit', (code: number | null) => {
        exitCode = code ?? killedExitCode
      })
      channel.on('close', () => {
        output.removeListener('resize', resized)
        input.unpipe(channel)
        input.pause()
        if (input.isTTY) input.setRawMode?.(false)
        resolve(exitCode)
      })
      if (input.isTTY) input.setRawMode?.(true)
      output.on('resize', resized)
      input.pipe(channel)
      channel.pipe(output, { end: false })
      channel.stderr.pipe(output, { end: false })
    })
  })
}
