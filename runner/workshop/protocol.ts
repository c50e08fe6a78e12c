import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { machineryError, messageOf, usageError, WirelabError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Puzzle } from '../lab/lab.ts'
import type { Inspection } from './inspect.ts'
import type { LiveNetwork } from './session.ts'
import type { Done, DoWish, Progress, RewindWish } from './session-state.ts'

/** What is asked of a session: one request for each connection, as a line of JSON. */
export type Request =
  | { readonly ask: 'up'; readonly until?: string }
  | ({ readonly ask: 'do' } & DoWish)
  | { readonly ask: 'verify'; readonly step?: string }
  | ({ readonly ask: 'rewind' } & RewindWish)
  /** The mutation at this place of the lab's list is made in secret. */
  | { readonly ask: 'pose'; readonly mutation: number }
  | { readonly ask: 'hint' }
  | { readonly ask: 'solution' }
  | { readonly ask: 'event'; readonly words: string }
  | { readonly ask: 'exec'; readonly node: string; readonly argv: readonly string[] }
  | ShellRequest
  | { readonly ask: 'inspect' }
  | { readonly ask: 'network' }
  | { readonly ask: 'pcap'; readonly endpoint: string }
  | { readonly ask: 'down' }

/** The terminal of who wants a shell; without one the end of the input is the end of the shell. */
export interface TerminalFacts extends Size {
  /** As TERM has it. */
  readonly kind: string
}

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

interface ShellRequest {
  readonly ask: 'shell'
  readonly node: string
  readonly terminal?: TerminalFacts
  /** The lab was brought up for this shell, and ends with it. These steps are done first. */
  readonly owner?: DoWish
}

/** What comes at the end of each request that went well. */
export interface Answers {
  readonly up: Done
  readonly do: Done
  readonly verify: Done
  readonly rewind: Done
  readonly pose: { readonly progress: Progress }
  readonly hint: { readonly hints: readonly string[]; readonly more: boolean }
  readonly solution: Pick<Puzzle, 'solution' | 'mend'>
  readonly event: { readonly words: string }
  readonly exec: { readonly exitCode: number }
  readonly shell: { readonly exitCode: number }
  readonly inspect: Inspection & { readonly lab: string }
  readonly network: LiveNetwork
  readonly pcap: { readonly isCut: boolean }
  /** The process of the session ends next. */
  readonly down: { readonly machines: readonly string[]; readonly pid: number }
}

/** What comes from the session: what happens, what is printed, and at the end an answer or an error. */
export type FromSession =
  | { readonly event: RunEvent }
  /** Bytes, in base64. */
  | { readonly stdout: string }
  | { readonly stderr: string }
  /** What stands above the prompt of a shell. */
  | { readonly joined: Joined }
  | { readonly end: unknown }
  | { readonly error: { readonly kind: 'usage' | 'machinery'; readonly message: string; readonly remedy?: string } }

/** Where somebody is who has a shell. */
export interface Joined {
  readonly lab: string
  readonly title: string
  readonly node: string
  readonly progress: Progress
}

/** What comes from who asks, behind the request. */
export type FromAsker =
  /** Bytes, in base64. */
  | { readonly input: string }
  | { readonly inputEnded: true }
  | { readonly resized: Size }
  | { readonly signal: 'INT' | 'TERM' }

/** Sends a value as a line. */
export const sendLine = (socket: Socket, value: FromSession | FromAsker | Request): boolean =>
  socket.destroyed || !socket.writable ? false : socket.write(`${JSON.stringify(value)}\n`)

/** Calls back with each line as the value that it is. A line that is none ends the connection. */
export function onLines(socket: Socket, receive: (value: unknown) => void): void {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
  // It passes on the socket's errors, which are the concern of who has that.
  lines.on('error', () => {})
  lines.on('line', (line) => {
    try {
      receive(JSON.parse(line))
    } catch (error) {
      socket.destroy(machineryError(`cannot read what came from a session: ${messageOf(error)}`))
    }
  })
}

/** An error as it is sent. */
export const errorToSend = (error: unknown): FromSession => ({
  error: {
    kind: error instanceof WirelabError ? error.kind : 'machinery',
    message: messageOf(error),
    ...(error instanceof WirelabError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
  },
})

/** The error that was sent. */
export const errorSent = ({ kind, message, remedy }: Extract<FromSession, { error: unknown }>['error']) =>
  (kind === 'usage' ? usageError : machineryError)(message, remedy)
