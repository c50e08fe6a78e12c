import { machineryError } from '../errors.ts'
import type { Argv } from './transport.ts'

/*
 * What the runner and the agent in a machine (agent.py) say to each other over one channel. Both ways go frames: a
 * letter for their kind, the number of a command, the length of what follows (both of 4 bytes, the highest first).
 */

/** What is asked of the agent. The runner chooses the numbers of commands. */
export type Request =
  | { readonly kind: 'start'; readonly command: number; readonly argv: Argv; readonly hasInput: boolean }
  | { readonly kind: 'input'; readonly command: number; readonly chunk: Uint8Array }
  | { readonly kind: 'end-input'; readonly command: number }
  /** A signal for the command's process and its children. */
  | { readonly kind: 'signal'; readonly command: number; readonly signal: number }
  /** Leaves the command alone; nothing but `exited` comes of it. */
  | { readonly kind: 'leave'; readonly command: number }
  /** Calls a function of the agent's own. */
  | { readonly kind: 'call'; readonly command: number; readonly name: string; readonly arguments: readonly string[] }

/** What the agent answers. */
export type Answer =
  /** It serves this channel. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'started'; readonly command: number }
  | { readonly kind: 'not-started'; readonly command: number; readonly cause: string }
  | { readonly kind: 'stdout' | 'stderr'; readonly command: number; readonly chunk: Buffer }
  /** So many bytes of input were taken by the process, or never will be. */
  | { readonly kind: 'taken'; readonly command: number; readonly bytes: number }
  /** The last that comes of a command. */
  | { readonly kind: 'exited'; readonly command: number; readonly exitCode: number }
  | { readonly kind: 'returned'; readonly command: number; readonly failed: boolean; readonly text: string }
  /** A NIC was set up or taken down; at the beginning, those that are up. What a command did comes before its end. */
  | { readonly kind: 'nic'; readonly nic: NicState }

/** Whether the machine has set one of its NICs up. */
export interface NicState {
  /** The NIC's permanent address; lower case, colons. */
  readonly mac: string
  readonly up: boolean
}

/** The longest that may follow a header. */
export const longestBytes = 256 * 1024
const headerBytes = 9

/** @throws WirelabError of kind machinery when it is too long */
export function renderRequest(request: Request): Buffer {
  const [letter, payload] = payloadOf(request)
  if (payload.length > longestBytes)
    throw machineryError(`it has ${payload.length} bytes of arguments, ${longestBytes} at most can be sent`)
  const frame = Buffer.alloc(headerBytes + payload.length, letter, 'latin1')
  frame.writeUInt32BE(request.command, 1)
  frame.writeUInt32BE(payload.length, 5)
  frame.set(payload, headerBytes)
  return frame
}

function payloadOf(request: Request): [letter: string, payload: Uint8Array] {
  switch (request.kind) {
    case 'start':
      return ['s', Buffer.from(`${request.hasInput ? 'i' : '-'}${listOf(request.argv)}`)]
    case 'input':
      return ['i', request.chunk]
    case 'end-input':
      return ['e', new Uint8Array()]
    case 'signal':
      return ['k', Uint8Array.of(request.signal)]
    case 'leave':
      return ['l', new Uint8Array()]
    case 'call':
      return ['c', Buffer.from(listOf([request.name, ...request.arguments]))]
  }
}

function listOf(words: readonly string[]) {
  if (words.some((word) => word.includes('\0'))) throw machineryError('an argument has a NUL character in it')
  return words.join('\0')
}

/**
 * Makes answers of what comes from a machine, in whatever pieces. Holds no more than one frame.
 * @throws WirelabError of kind machinery for what is no answer
 */
export function answerParser(): (chunk: Buffer) => Answer[] {
  let pieces: Buffer[] = []
  let held = 0
  let needed = headerBytes
  return (chunk) => {
    pieces.push(chunk)
    held += chunk.length
    if (held < needed) return []
    const all = Buffer.concat(pieces)
    const answers: Answer[] = []
    let at = 0
    for (;;) {
      needed = headerBytes
      if (all.length - at < needed) break
      const length = all.readUInt32BE(at + 5)
      if (length > longestBytes) throw notUnderstood(`an answer of ${length} bytes`)
      needed += length
      if (all.length - at < needed) break
      answers.push(parseAnswer(all.subarray(at, at + needed)))
      at += needed
    }
    pieces = [all.subarray(at)]
    held = all.length - at
    return answers
  }
}

function parseAnswer(frame: Buffer): Answer {
  const letter = frame.toString('latin1', 0, 1)
  const command = frame.readUInt32BE(1)
  const payload = frame.subarray(headerBytes)
  const demand = (bytes: number) => {
    if (payload.length < bytes) throw notUnderstood(`an answer of kind ${letter} that is too short`)
  }
  switch (letter) {
    case 'h':
      return { kind: 'hello' }
    case 's':
      return { kind: 'started', command }
    case 'n':
      return { kind: 'not-started', command, cause: payload.toString() }
    case 'o':
    case 'e':
      return { kind: letter === 'o' ? 'stdout' : 'stderr', command, chunk: payload }
    case 't':
      demand(4)
      return { kind: 'taken', command, bytes: payload.readUInt32BE(0) }
    case 'x':
      demand(1)
      return { kind: 'exited', command, exitCode: payload.readUInt8(0) }
    case 'r':
      demand(1)
      return { kind: 'returned', command, failed: payload.readUInt8(0) !== 0, text: payload.toString('utf8', 1) }
    case 'u':
      demand(7)
      return { kind: 'nic', nic: { mac: payload.toString('hex', 1).replace(/..(?!$)/g, '$&:'), up: payload[0] === 1 } }
    default:
      throw notUnderstood(`an answer of kind ${JSON.stringify(letter)}`)
  }
}

const notUnderstood = (what: string) => machineryError(`the agent of the machine sent ${what}`)
