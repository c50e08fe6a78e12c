import { PassThrough, Writable } from 'node:stream'
import { usageError } from '../errors.ts'
import { loginShell } from '../providers/guest/login-shell.ts'
import type { Nodes } from '../steps/nodes.ts'
import type { Terminal } from '../transports/transport.ts'
import { type Request, sendLine, type TerminalFacts } from './protocol.ts'
import type { Caller, Served } from './serve.ts'
import type { Session } from './session.ts'

type Asked<A> = Extract<Request, { ask: A }>

/** What is printed and not read waits in memory, so long as it is no more than this. */
const unreadBytes = 64 * 1024 * 1024
/** How long a command has to end when whoever started it is gone. */
const graceMs = 1000

/** Runs a command on a node. What it prints is sent as it comes; when the caller leaves, it is ended. */
export async function execOn(session: Session, { node, argv }: Asked<'exec'>, caller: Caller): Promise<number> {
  const { socket } = caller
  const [program, ...words] = argv
  session.demandNode(node)
  if (program === undefined) throw usageError(`cannot run anything on ${node}: no command is given`)
  await session.saved()
  const command = session.context.nodes.start(node, [program, ...words], {
    holdsInput: true,
    signal: session.context.signal,
    onOutput(stream, chunk) {
      const text = Buffer.from(chunk).toString('base64')
      sendLine(socket, stream === 'stdout' ? { stdout: text } : { stderr: text })
      if (socket.writableLength > unreadBytes) socket.destroy()
    },
  })
  caller.onLine((line) => {
    if ('input' in line) command.addInput(Buffer.from(line.input, 'base64'))
    else if ('inputEnded' in line) command.endInput()
    else if ('signal' in line) command.signal(line.signal)
  })
  caller.onLeft(() => {
    command.signal('TERM')
    setTimeout(() => command.signal('KILL'), graceMs).unref()
  })
  const { exitCode } = await command.ended
  await session.typedOn(node)
  return exitCode
}

/** Joins the caller's terminal to a shell on a node. Returns its exit code. */
export async function shellOn(
  session: Session,
  { lab, title }: Served,
  { node, terminal }: Asked<'shell'>,
  caller: Caller,
): Promise<number> {
  session.demandNode(node)
  await session.saved()
  const { nodes } = session.context
  // Nobody is greeted by a machine that does not run.
  nodes.machineOf(node)
  sendLine(caller.socket, { joined: { lab, title, node, progress: session.progress() } })
  const exitCode = await openShell(nodes, lab.split('/')[0] ?? lab, node, terminalOf(caller, terminal))
  await session.typedOn(node)
  return exitCode
}

/** Joins a terminal, or that of this process, to a shell on a node of a lab. Returns its exit code. */
export const openShell = (nodes: Nodes, lab: string, node: string, terminal?: Terminal): Promise<number> =>
  nodes.machineOf(node).interact(nodes.argvOn(node, loginShell(lab, node)), terminal)

/** The terminal at the other end of a connection. A caller that leaves has closed it. */
function terminalOf(caller: Caller, facts: TerminalFacts | undefined): Terminal {
  const input = Object.assign(new PassThrough(), { isTTY: facts !== undefined })
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    if (sendLine(caller.socket, { stdout: chunk.toString('base64') }) || caller.hasLeft()) return done()
    caller.socket.once('drain', done)
  }
  const output = Object.assign(new Writable({ write }), { ...facts })
  caller.onLine((line) => {
    if ('input' in line) input.write(Buffer.from(line.input, 'base64'))
    else if ('inputEnded' in line) input.end()
    else if ('resized' in line) {
      Object.assign(output, line.resized)
      output.emit('resize')
    }
  })
  caller.onLeft(() => input.destroy())
  return { input, output, ...(facts === undefined ? {} : { kind: facts.kind }) }
}
