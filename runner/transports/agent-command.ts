import { constants } from 'node:os'
import { machineryError, messageOf } from '../errors.ts'
import { afterTime } from '../host/deadline.ts'
import type { Agent, Follower } from './agent-channel.ts'
import { boundedOutput } from './bounded-output.ts'
import type { Argv, CommandOptions, CommandResult, RunningCommand } from './transport.ts'
import { wholePrinted } from './whole-output.ts'

/** How much of each stream a result holds. */
const resultBytes = 256 * 1024
/** What a shell reports for a command ended by a signal is 128 and its number; KILL is 9. */
export const killedExitCode = 137
/** How long a command that ran out of time has to end after each signal. */
const graceMs = 500
/** How much input is sent that the process has not taken yet: that much may wait in the machine's memory. */
const inputAheadBytes = 64 * 1024
const inputChunkBytes = 32 * 1024

/** Starts a command. A machine may take `beginMs` to begin it. */
export function startCommand(
  agent: Agent,
  argv: Argv,
  options: Partial<CommandOptions> & { readonly beginMs: number },
): RunningCommand {
  const { beginMs, signal, timeoutMs, clock, stdin = new Uint8Array(), holdsInput = false } = options
  const { promise: ended, resolve, reject } = Promise.withResolvers<CommandResult>()
  const output = outputOf(options, (cause) => fail(cause))
  const toCallOff: (() => void)[] = []
  let running = true
  let command = 0
  const settle = (finish: () => void) => {
    if (!running) return
    running = false
    for (const callOff of toCallOff) callOff()
    signal?.removeEventListener('abort', aborted)
    finish()
    output.close()
  }
  const fail = (cause: string, error?: unknown) =>
    abandon(() => reject(machineryError(`cannot run ${argv[0]}: ${cause}`, undefined, error)))
  const abandon = (finish: () => void) => {
    if (!running) return
    agent.ignore(command)
    agent.send({ kind: 'leave', command })
    settle(finish)
  }
  const aborted = () => abandon(() => reject(signal?.reason))
  const kill = (name: keyof typeof constants.signals) => {
    if (running) agent.send({ kind: 'signal', command, signal: constants.signals[name] })
  }
  const outOfTime = () => {
    output.timedOut = true
    kill('SIGTERM')
    toCallOff.push(afterTime(graceMs, () => kill('SIGKILL'), clock))
    // What does not end even then cannot keep the runner: what came until now is the result.
    toCallOff.push(afterTime(2 * graceMs, () => abandon(() => resolve(output.result(killedExitCode))), clock))
  }
  const input = inputOf(holdsInput ? new Uint8Array() : stdin, holdsInput, (chunk) =>
    agent.send({ kind: 'input', command, chunk }),
  )
  const endInput = () => {
    input.close()
    if (running && input.isTaken()) agent.send({ kind: 'end-input', command })
  }
  const addInput = (chunk: Uint8Array) => {
    if (running) input.add(chunk)
  }
  const follower: Follower = {
    receive(answer) {
      if (answer.kind === 'started') {
        stopWaiting()
        if (timeoutMs !== undefined) toCallOff.push(afterTime(timeoutMs, outOfTime, clock))
      } else if (answer.kind === 'stdout' || answer.kind === 'stderr') output.receive(answer.kind, answer.chunk)
      else if (answer.kind === 'taken') {
        input.send(answer.bytes)
        if (input.isClosed()) endInput()
      } else if (answer.kind === 'exited') settle(() => resolve(output.result(answer.exitCode)))
      else fail(answer.kind === 'not-started' ? `the machine cannot start it: ${answer.cause}` : 'it was no call')
    },
    broken: (cause) => fail(cause),
  }

  const stopWaiting = afterTime(beginMs, () => fail(`the machine did not begin it within ${beginMs / 1000} s`), clock)
  toCallOff.push(stopWaiting)
  if (signal?.aborted) aborted()
  else {
    signal?.addEventListener('abort', aborted, { once: true })
    command = agent.follow(follower)
    const hasInput = holdsInput || stdin.length > 0
    try {
      agent.send({ kind: 'start', command, argv, hasInput })
      if (hasInput) input.send(0)
    } catch (error) {
      fail(messageOf(error), error)
    }
  }
  return { ended, signal: (name) => kill(`SIG${name}`), addInput, endInput }
}

/** Calls a function of the agent's own. Returns its text. @throws WirelabError of kind machinery when it fails */
export async function callFunction(agent: Agent, name: string, words: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (cause: string) => reject(machineryError(`cannot call ${name}: ${cause}`))
  const command = agent.follow({
    receive(answer) {
      if (answer.kind !== 'returned') throw machineryError('the agent of the machine did not answer a call')
      if (answer.failed) fail(answer.text)
      else resolve(answer.text)
    },
    broken: fail,
  })
  agent.send({ kind: 'call', command, name, arguments: words })
  return promise
}

/** Sends input in pieces, as far ahead of what the process takes as it may. */
function inputOf(bytes: Uint8Array, isOpen: boolean, sendChunk: (chunk: Uint8Array) => void) {
  let waiting: Uint8Array[] = bytes.length === 0 ? [] : [bytes]
  let isClosed = !isOpen
  let sent = 0
  let taken = 0
  const send = (takenBytes: number): void => {
    taken += takenBytes
    if (taken > sent) throw machineryError('the agent of the machine took more input than there was')
    for (let next = waiting[0]; next !== undefined && sent < taken + inputAheadBytes; next = waiting[0]) {
      const chunk = next.subarray(0, Math.min(inputChunkBytes, taken + inputAheadBytes - sent))
      const rest = next.subarray(chunk.length)
      waiting = rest.length === 0 ? waiting.slice(1) : [rest, ...waiting.slice(1)]
      sent += chunk.length
      sendChunk(chunk)
    }
  }
  return {
    send,
    add(chunk: Uint8Array) {
      if (isClosed || chunk.length === 0) return
      waiting.push(chunk)
      send(0)
    },
    close() {
      isClosed = true
    },
    isClosed: () => isClosed,
    isTaken: () => waiting.length === 0 && taken === sent,
  }
}

/** What a command prints, as it comes. `fail` is called when the receiver of its output fails. */
function outputOf({ onOutput, wholeIn }: Pick<CommandOptions, 'onOutput' | 'wholeIn'>, fail: (cause: string) => void) {
  const startedMs = performance.now()
  const kept = { stdout: boundedOutput(resultBytes), stderr: boundedOutput(resultBytes) }
  const whole = wholeIn === undefined ? undefined : wholePrinted(wholeIn)
  return {
    timedOut: false,
    receive(name: 'stdout' | 'stderr', chunk: Buffer) {
      kept[name].add(chunk)
      whole?.[name].add(chunk)
      try {
        onOutput?.(name, chunk)
      } catch (error) {
        // Thrown on, it would break the connection, and that would seem to be the cause.
        fail(`its output cannot be kept: ${messageOf(error)}`)
      }
    },
    result(exitCode: number): CommandResult {
      return {
        exitCode,
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
