import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineryError, WirelabError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import { startOf } from '../host/process-identity.ts'
import {
  type Answers,
  errorSent,
  type FromAsker,
  type FromSession,
  type Joined,
  onLines,
  type Request,
  type Size,
  sendLine,
} from './protocol.ts'
import { socketOf } from './records.ts'

/** Who asks a session. */
export interface Asking {
  readonly signal: AbortSignal
  /** Hears what happens. */
  readonly onEvent?: (event: RunEvent) => void
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
  readonly onJoined?: (joined: Joined) => void
  /** What is typed, or piped in. */
  readonly input?: Readable
  /** The size of the terminal, now and whenever it changes. */
  readonly onResize?: (resized: (size: Size) => void) => () => void
  /** Whether an abort is an interrupt that is passed on, and the answer waited for. Without it an abort leaves. */
  readonly interrupted?: () => boolean
}

/**
 * Asks a session, and waits for its answer. Whoever is aborted leaves; what was begun in the session is done to its end.
 * @throws WirelabError as the session says; of kind machinery when it is gone; the signal's reason
 */
export async function ask<R extends Request>(folder: string, request: R, asking: Asking): Promise<Answers[R['ask']]> {
  const { signal, input, onResize } = asking
  signal.throwIfAborted()
  const socket = connect(socketOf(folder))
  const { promise, resolve, reject } = Promise.withResolvers<Answers[R['ask']]>()
  const send = (line: FromAsker) => sendLine(socket, line)
  socket.on('error', (error) => reject(error instanceof WirelabError ? error : gone()))
  socket.on('close', () => reject(gone()))
  onLines(socket, (line) => receive(line as FromSession, asking, resolve as (answer: unknown) => void, reject))
  sendLine(socket, request)
  const typed = (chunk: Buffer) => {
    if (send({ input: chunk.toString('base64') })) return
    input?.pause()
    socket.once('drain', () => input?.resume())
  }
  const inputEnded = () => send({ inputEnded: true })
  const aborted = () => {
    if (asking.interrupted?.()) send({ signal: 'INT' })
    else reject(signal.reason)
  }
  const stopResizing = onResize?.((resized) => send({ resized }))
  if (input === undefined) inputEnded()
  else input.on('data', typed).on('end', inputEnded)
  signal.addEventListener('abort', aborted, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', aborted)
    input?.off('data', typed).off('end', inputEnded).pause()
    stopResizing?.()
    socket.destroy()
  }
}

/** A process that says farewell is gone in much less. */
const farewellMs = 5000

/**
 * Ends a session, and returns the names of its machines when its process has ended.
 * @throws as `ask`; WirelabError of kind machinery when the process is there `waitMs` later
 */
export async function endSession(folder: string, signal: AbortSignal, waitMs = farewellMs): Promise<readonly string[]> {
  const { machines, pid } = await ask(folder, { ask: 'down' }, { signal })
  const started = startOf(pid)
  const giveUpMs = performance.now() + waitMs
  while (started !== '' && startOf(pid) === started) {
    if (performance.now() > giveUpMs)
      throw machineryError(
        `the session has ended its machines and not itself: process ${pid} goes on`,
        `kill ${pid} ends it`,
      )
    await sleep(5)
  }
  return machines
}

const gone = () =>
  machineryError(
    'cannot go on: the session of the lab has ended, and its machines with it',
    `${ownCommand('up NAME')} brings the lab up anew`,
  )

function receive(
  line: FromSession,
  { onEvent, onOutput, onJoined }: Asking,
  resolve: (answer: unknown) => void,
  reject: (error: unknown) => void,
): void {
  if ('event' in line) onEvent?.(line.event)
  else if ('stdout' in line) onOutput?.('stdout', Buffer.from(line.stdout, 'base64'))
  else if ('stderr' in line) onOutput?.('stderr', Buffer.from(line.stderr, 'base64'))
  else if ('joined' in line) onJoined?.(line.joined)
  else if ('error' in line) reject(errorSent(line.error))
  else resolve(line.end)
}
