import { chmodSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { machineryError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { captureLive } from './capture-live.ts'
import { execOn, shellOn } from './exec-on.ts'
import { type Answers, errorToSend, type FromAsker, onLines, type Request, sendLine } from './protocol.ts'
import { socketOf } from './records.ts'
import type { Session } from './session.ts'
import type { Listener } from './session-state.ts'

/** A lab that comes up, and is then asked. */
export interface Served {
  readonly lab: string
  readonly title: string
  /** Resolves when its machines are up. */
  readonly opening: Promise<Session>
  /** The session's events as they are sent: with their scope, and the time since it began. */
  stamp(event: Parameters<Listener>[0]): RunEvent
  /** Hears what happens before the session is open, and from then on what happens to machines. */
  hear(listener: (event: RunEvent) => void): () => void
  /** Whoever brought it up has left before it was. */
  giveUp(): void
  /** Ends all of it. Returns the names of the machines. */
  end(): Promise<readonly string[]>
}

/** Somebody who has asked. */
export interface Caller {
  readonly socket: Socket
  /** Calls back with what comes behind the request, also with what has come already. */
  onLine(act: (line: FromAsker) => void): void
  hasLeft(): boolean
  /** Calls back when the connection ends. */
  onLeft(act: () => void): void
}

/** Listens at the socket of a runtime folder, at which only this user can ask. */
export async function serve(folder: string, served: Served): Promise<Server> {
  const server = createServer((socket) => receive(socket, served))
  const path = socketOf(folder)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o600)
  return server
}

function receive(socket: Socket, served: Served): void {
  let request: Request | undefined
  let lines: FromAsker[] = []
  let hears = (line: FromAsker) => void lines.push(line)
  const caller: Caller = {
    socket,
    onLine(act) {
      for (const line of lines) act(line)
      lines = []
      hears = act as typeof hears
    },
    hasLeft: () => socket.destroyed,
    onLeft: (act) => void (socket.destroyed ? act() : socket.once('close', act)),
  }
  socket.on('error', () => {})
  onLines(socket, (line) => {
    if (request !== undefined) return hears(line as FromAsker)
    request = line as Request
    void answer(request, caller, served).then(
      (end) => finish(socket, { end }),
      (error: unknown) => finish(socket, errorToSend(error)),
    )
  })
}

function finish(socket: Socket, line: Parameters<typeof sendLine>[1]): void {
  sendLine(socket, line)
  socket.end()
}

/** Does what is asked. @throws WirelabError */
async function answer(request: Request, caller: Caller, served: Served): Promise<Answers[Request['ask']]> {
  const { socket, hasLeft } = caller
  const send = (event: RunEvent) => sendLine(socket, { event })
  if (request.ask === 'down') return { machines: await served.end(), pid: process.pid }
  const deaf = served.hear(send)
  caller.onLeft(deaf)
  if (request.ask === 'up' || request.ask === 'pose') caller.onLeft(served.giveUp)
  if (request.ask === 'shell' && request.owner !== undefined) caller.onLeft(() => void served.end())
  const session = await served.opening
  const asker = {
    listener: (event: Parameters<Listener>[0]) => isOfMachines(event) || send(served.stamp(event)),
    hasLeft,
  }
  switch (request.ask) {
    case 'up':
      if (request.until !== undefined) return session.doSteps(request, asker)
      return { outcome: 'passed', steps: [], progress: session.progress() }
    case 'do':
      return session.doSteps(request, asker)
    case 'verify':
      return session.verify(request.step, asker)
    case 'rewind':
      return session.rewind(request, asker)
    case 'pose':
      return { progress: await session.pose(request.mutation, asker) }
    case 'hint':
      return session.puzzle().hint()
    case 'solution':
      return session.puzzle().solution()
    case 'event':
      return { words: await session.happen(request.words, asker) }
    case 'exec':
      return { exitCode: await execOn(session, request, caller) }
    case 'shell':
      if (request.owner !== undefined) await session.doSteps(request.owner, asker)
      return { exitCode: await shellOn(session, served, request, caller) }
    case 'inspect':
      return { ...(await session.inspect()), lab: served.lab }
    case 'network':
      return session.network()
    case 'pcap':
      return { isCut: await captureLive(session, request.endpoint, caller) }
    default:
      throw machineryError(`cannot do "${JSON.stringify(request)}": the session does not know it`)
  }
}

/** These are told to all who are connected. */
const isOfMachines = ({ type }: { readonly type: string }) => type === 'machine-died'
