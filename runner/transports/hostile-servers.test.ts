import { once } from 'node:events'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2'
import { makeClientKey } from '../image/ssh-keys.ts'
import { connectSsh } from './ssh.ts'
import { overTcp, type SshAddress } from './ssh-login.ts'

const hostKey = makeClientKey()
const clientKey = makeClientKey()
/** How long a login may take here, and a command. */
const limitMs = 1000
/** Beyond the limits; the hosts of tests are busy. */
const endsWithinMs = 10_000

/** What an agent says; see agent-protocol.ts. */
function frame(kind: string, command = 0, payload: Uint8Array | string = '', length = payload.length): Buffer {
  const header = Buffer.alloc(9, kind)
  header.writeUInt32BE(command, 1)
  header.writeUInt32BE(length, 5)
  return Buffer.concat([header, Buffer.from(payload)])
}

async function listen(t: ExecutionContext, server: Pick<NetServer, 'listen' | 'address' | 'close' | 'once'>) {
  server.listen(0, '127.0.0.1')
  await once(server as NetServer, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const publicKey = hostKey.publicText.split(' ')[1] ?? ''
  return { ...overTcp('127.0.0.1', port), user: 'root', clientKey: clientKey.privateText, hostKey: publicKey }
}

/** A server that is what it does with a socket. */
function rawServer(t: ExecutionContext, serve: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    serve(socket)
  })
  return listen(t, server)
}

interface Behaviour {
  authenticate?(context: AuthContext): void
  /** What the agent is; nothing: the server answers nothing when it is asked for. */
  readonly run?: ((channel: ServerChannel) => void) | 'refuse'
}

/** A server that speaks SSH. */
function sshServer(t: ExecutionContext, { authenticate = (context) => context.accept(), run }: Behaviour) {
  const server = new ssh2.Server({ hostKeys: [hostKey.privateText] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', authenticate)
    client.on('tcpip', (accept, reject) => {
      if (run === 'refuse') return reject()
      if (run === undefined) return
      const channel = accept()
      channel.on('error', () => {})
      run(channel)
    })
    t.teardown(() => client.end())
  })
  return listen(t, server as unknown as NetServer)
}

/** Writes for ever, as fast as it is read. */
function flood(into: NodeJS.WritableStream & { readonly destroyed?: boolean }, chunk: Buffer) {
  const more = () => {
    while (!into.destroyed && into.write(chunk));
    if (!into.destroyed) into.once('drain', () => setImmediate(more))
  }
  more()
}

/** What the work rejects with; it ends in its time, and holds on to little memory. */
async function errorOf(t: ExecutionContext, work: Promise<unknown>): Promise<string> {
  return (await t.throwsAsync(inBounds(t, work))).message
}

async function inBounds<T>(t: ExecutionContext, work: Promise<T>): Promise<T> {
  const startedMs = performance.now()
  let most = 0
  const before = process.memoryUsage().rss
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before)
  }, 20)
  try {
    return await work
  } finally {
    clearInterval(look)
    t.true(performance.now() - startedMs < endsWithinMs, 'it ends in its time')
    t.true(most < 300e6, `it takes ${Math.round(most / 1e6)} MB`)
  }
}

const logInAt = (address: SshAddress) => connectSsh(address, limitMs)

test.serial('one that never answers', async (t) => {
  const address = await rawServer(t, () => {})
  t.regex(await errorOf(t, logInAt(address)), /^cannot log in at 127\.0\.0\.1:\d+: Timed out/)
})

test.serial('one that closes at its banner', async (t) => {
  const address = await rawServer(t, (socket) => socket.end('SSH-2.0-gone\r\n'))
  t.regex(await errorOf(t, logInAt(address)), /^cannot log in at \S+: [^\n]+$/)
})

test.serial('one whose banner never ends, with lines and without', async (t) => {
  for (const chunk of [Buffer.from('hello\r\n'.repeat(1000)), Buffer.alloc(65_536, 'x')]) {
    const address = await rawServer(t, (socket) => flood(socket, chunk))
    t.regex(await errorOf(t, logInAt(address)), /^cannot log in at \S+: [^\n]+$/)
  }
})

test.serial('one that announces a packet of 2 GiB', async (t) => {
  const huge = Buffer.concat([Buffer.from('SSH-2.0-huge\r\n'), Buffer.from('7fffffff04', 'hex'), Buffer.alloc(64_000)])
  const address = await rawServer(t, (socket) => void socket.write(huge))
  t.regex(await errorOf(t, logInAt(address)), /^cannot log in at \S+: [^\n]+$/)
})

test.serial('one whose authentication never ends, or wants ever more', async (t) => {
  const silent = await sshServer(t, { authenticate: () => {} })
  t.regex(await errorOf(t, logInAt(silent)), /^cannot log in at \S+: Timed out/)
  const never = await sshServer(t, { authenticate: (context) => context.reject(['publickey'], true) })
  t.regex(await errorOf(t, logInAt(never)), /^cannot log in at \S+: [^\n]+$/)
})

test.serial('one with another key than that of the machine', async (t) => {
  const address = await sshServer(t, {})
  const other = makeClientKey().publicText.split(' ')[1] ?? ''
  t.regex(await errorOf(t, logInAt({ ...address, hostKey: other })), /^cannot log in at \S+: [^\n]+$/)
})

test.serial('one that opens no channel, has no agent, or one that never answers', async (t) => {
  const noAnswer = /^cannot log in at \S+: the agent of the machine does not answer: not within 1 s$/
  t.regex(await errorOf(t, logInAt(await sshServer(t, {}))), noAnswer)
  t.regex(await errorOf(t, logInAt(await sshServer(t, { run: () => {} }))), noAnswer)
  const refused = await errorOf(t, logInAt(await sshServer(t, { run: 'refuse' })))
  t.regex(refused, /^cannot log in at \S+: .*Channel open failure/)
})

/** Logs in to an agent that greets, and then says this when it is asked for anything: command 1 is the first. */
async function logInToAgent(t: ExecutionContext, answer: (channel: ServerChannel) => void) {
  const run = (channel: ServerChannel) => {
    channel.write(frame('h'))
    channel.once('data', () => answer(channel))
    channel.resume()
  }
  return logInAt(await sshServer(t, { run }))
}

test.serial('one that prints without end', async (t) => {
  const connection = await logInToAgent(t, (channel) => {
    channel.write(frame('s', 1))
    flood(channel, frame('o', 1, Buffer.alloc(32_768, 'x')))
  })
  const result = await inBounds(t, connection.run(['x'], { timeoutMs: limitMs }))
  t.like(result, { timedOut: true, cut: true })
  connection.close()
})

test.serial('one that heeds no window', async (t) => {
  const connection = await logInToAgent(t, (channel) => {
    channel.write(frame('s', 1))
    const { outgoing } = channel as unknown as { outgoing: { window: number } }
    Object.defineProperty(outgoing, 'window', { get: () => 1e9, set: () => {} })
    const chunk = Buffer.concat(Array.from({ length: 8 }, () => frame('e', 1, Buffer.alloc(1 << 17, 'x'))))
    const timer = setInterval(() => channel.write(chunk), 10)
    channel.on('close', () => clearInterval(timer))
    t.teardown(() => clearInterval(timer))
  })
  t.like(await inBounds(t, connection.run(['x'], { timeoutMs: limitMs })), { timedOut: true })
  connection.close()
})

test.serial('one whose answers come byte by byte', async (t) => {
  const connection = await logInToAgent(t, (channel) => {
    const all = [frame('s', 1), frame('o', 1, 'printed'), frame('x', 1, Buffer.of(3))]
    for (const byte of Buffer.concat(all)) channel.write(Buffer.of(byte))
  })
  const result = await inBounds(t, connection.run(['x'], { timeoutMs: endsWithinMs }))
  t.like(result, { exitCode: 3, stdout: 'printed', timedOut: false })
  connection.close()
})

const nonsense: readonly (readonly [name: string, said: Buffer, error: RegExp])[] = [
  ['noise', Buffer.alloc(5000, 0xa5), /sent an answer of \d+ bytes$/],
  ['an answer of 4 GiB', frame('o', 1, '', 0xffffffff), /sent an answer of 4294967295 bytes$/],
  ['an answer of no known kind', frame('q', 1), /sent an answer of kind "q"$/],
  ['an end without its code', frame('x', 1), /sent an answer of kind x that is too short$/],
  ['an answer to what nobody asked', frame('o', 4711, 'x'), /answered what nobody asked$/],
  ['two ends', Buffer.concat([frame('x', 2, '\x01'), frame('x', 2, '\x01')]), /answered what nobody asked$/],
  ['a result of what is no call', frame('r', 1, '\0x'), /^cannot run x: it was no call$/],
  ['more input taken than there was', frame('t', 1, Buffer.of(0, 1, 0, 0)), /took more input than there was$/],
  ['nothing any more', Buffer.alloc(0), /^cannot run x: the connection to the machine ended$/],
]

for (const [name, said, error] of nonsense) {
  test.serial(`one whose agent says ${name}: what runs on it fails, and the runner goes on`, async (t) => {
    const connection = await logInToAgent(t, (channel) => {
      channel.write(Buffer.concat([frame('s', 1), frame('s', 2), said]))
      if (said.length === 0) channel.end()
    })
    const first = connection.start(['x'], { stdin: Buffer.alloc(100) }).ended
    const second = connection.start(['y'], {}).ended.catch(() => {})
    t.regex(await errorOf(t, first), error)
    if (name === 'two ends') t.like(await second, { exitCode: 1 })
    connection.close()
  })
}

test.serial('one that never ends a command, and one that never begins it', async (t) => {
  const endless = await logInToAgent(t, (channel) => channel.write(frame('s', 1)))
  t.like(await inBounds(t, endless.run(['x'], { timeoutMs: limitMs })), { timedOut: true, exitCode: 137 })
  endless.close()
  const silent = await logInToAgent(t, () => {})
  t.is(await errorOf(t, silent.start(['x'], {}).ended), 'cannot run x: the machine did not begin it within 1 s')
  silent.close()
})

test.serial('one that cannot start a command says why', async (t) => {
  const connection = await logInToAgent(t, (channel) => channel.write(frame('n', 1, 'Cannot allocate memory')))
  const error = await t.throwsAsync(connection.run(['x'], { timeoutMs: endsWithinMs }))
  t.like(error, { kind: 'machinery', message: 'cannot run x: the machine cannot start it: Cannot allocate memory' })
  connection.close()
})

test.serial('an abort ends a command that never does, and what still comes of it is no fault', async (t) => {
  const connection = await logInToAgent(t, (channel) => {
    channel.write(frame('s', 1))
    channel.on('data', (asked: Buffer) => {
      if (asked.includes('l')) channel.write(Buffer.concat([frame('o', 1, 'late'), frame('x', 1, '\0')]))
      if (asked.includes('next')) channel.write(Buffer.concat([frame('s', 2), frame('x', 2, '\0')]))
    })
  })
  const abort = new AbortController()
  const waiting = connection.run(['x'], { timeoutMs: 60_000, signal: abort.signal })
  setTimeout(() => abort.abort(new Error('interrupted')), 100)
  t.is(await errorOf(t, waiting), 'interrupted')
  t.like(await connection.run(['next'], { timeoutMs: endsWithinMs }), { exitCode: 0 })
  connection.close()
})
