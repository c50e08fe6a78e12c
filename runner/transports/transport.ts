import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../host/deadline.ts'
import type { KeepingPlace } from '../host/room.ts'

/** A program and its arguments; no shell interprets them. */
export type Argv = readonly [string, ...string[]]

export interface CommandOptions {
  readonly timeoutMs: number
  /** What that is counted by; the host's own clock when left out. */
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly stdin?: Uint8Array
  /** Its input stays open until it is ended. */
  readonly holdsInput?: boolean
  /** The result has the whole output, as far as there is room; what is too long for memory lies there meanwhile. */
  readonly wholeIn?: KeepingPlace
  /** Receives all output as it comes, also what is cut from the result. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
}

/** What a command printed and how it ended. Output beyond a bound is cut in the middle; `cut` says so. */
export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly cut: boolean
  /** The whole output, where that was asked for; cut only where no text, no room and no disk could hold it. */
  readonly whole?: PrintedText
  readonly timedOut: boolean
  readonly durationMs: number
}

/** What a command printed. */
export interface PrintedText {
  readonly stdout: string
  readonly stderr: string
  /** Something of it had to be left out. */
  readonly cut: boolean
}

/** A command that runs while others do. */
export interface RunningCommand {
  /** Its result when it has ended. Rejects as `run` does. */
  readonly ended: Promise<CommandResult>
  signal(name: 'INT' | 'TERM' | 'KILL' | 'USR1'): void
  /** Adds to an input that is held. What the command has not taken waits in memory. */
  addInput(chunk: Uint8Array): void
  /** Ends an input that is held, behind all that was added to it. */
  endInput(): void
}

/** A terminal: that of a process, or of somebody further away. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown }
  readonly output: Writable & { readonly columns?: number; readonly rows?: number }
  /** What it is, as TERM has it; that of the process when left out. */
  readonly kind?: string
}

/** A way to run commands on a machine, any number at the same time. */
export interface Connection {
  /** Starts a command; without `timeoutMs` it may run for ever. */
  start(argv: Argv, options: Partial<CommandOptions>): RunningCommand
  /** Runs a command. @throws WirelabError of kind machinery when the connection breaks before the command ends */
  run(argv: Argv, options: CommandOptions): Promise<CommandResult>
  /**
   * Calls a function of the machine's agent (see transports/agent.py). Returns its text.
   * @throws WirelabError of kind machinery when it fails, or says nothing in `timeoutMs`
   */
  call(name: string, words: readonly string[], timeoutMs: number): Promise<string>
  /** Joins the given terminal to a command with a terminal of its own. Returns its exit code. */
  interact(argv: Argv, terminal: Terminal): Promise<number>
  close(): void
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>
}
