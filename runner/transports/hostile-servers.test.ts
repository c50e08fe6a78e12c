import { once } from 'node:events'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2'
import { connectSsh } from './ssh.ts'
import type { SshAddress } from './ssh-login.ts'

const hostKey = ssh2.utils.generateKeyPairSync('ed25519')
const clientKey = ssh2.utils.generateKeyPairSync('ed25519')
/** How long a login may take here, and a command. */
const limitMs = 1000
/** Beyond the limits; the hosts of tests are busy. */
const endsWithinMs = 10_000
const begunMark = '\x06'

async function listen(t: ExecutionContext, server: Pick<NetServer, 'listen' | 'address' | 'close' | 'once'>) {
  server.listen(0, '127.0.0.1')
  await once(server as NetServer, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const publicKey = hostKey.public.split(' ')[1] ?? ''
  return { host: '127.0.0.1', port, user: 'root', clientKey: clientKey.private, hostKey: publicKey } as SshAddress
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
  /** Nothing: no channel is opened. */
  readonly run?: (channel: ServerChannel) => void
}

/** A server that speaks SSH. */
function sshServer(t: ExecutionContext, { authenticate = (context) => context.accept(), run }: Behaviour) {
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', authenticate)
    client.on('session', (accept) => {
      if (run === undefined) return
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec()
        channel.on('error', () => {})
        run(channel)
      })
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
  const other = ssh2.utils.generateKeyPairSync('ed25519').public.split(' ')[1] ?? ''
  t.regex(await errorOf(t, logInAt({ ...address, hostKey: other })), /^cannot log in at \S+: [^\n]+$/)
})

test.serial('one that opens no channel', async (t) => {
  const connection = await logInAt(await sshServer(t, {}))
  t.is(await errorOf(t, connection.start(['x'], {}).ended), 'cannot run x: the machine opened no channel within 1 s')
  connection.close()
})

test.serial('one that prints without end', async (t) => {
  const run = (channel: ServerChannel) => {
    channel.stderr.write(begunMark)
    flood(channel, Buffer.alloc(32_768, 'x'))
  }
  const connection = await logInAt(await sshServer(t, { run }))
  const result = await inBounds(t, connection.run(['x'], { timeoutMs: limitMs }))
  t.like(result, { timedOut: true, cut: true })
  connection.close()
})

test.serial('one that heeds no window', async (t) => {
  const run = (channel: ServerChannel) => {
    channel.stderr.write(begunMark)
    const { outgoing } = channel as unknown as { outgoing: { window: number } }
    Object.defineProperty(outgoing, 'window', { get: () => 1e9, set: () => {} })
    const timer = setInterval(() => channel.write(Buffer.alloc(1 << 20, 'x')), 10)
    channel.on('close', () => clearInterval(timer))
    t.teardown(() => clearInterval(timer))
  }
  const connection = await logInAt(await sshServer(t, { run }))
  t.like(await inBounds(t, connection.run(['x'], { timeoutMs: limitMs })), { timedOut: true })
  connection.close()
})

test.serial('one that ends a command with no exit code, with a number that is none, and twice', async (t) => {
  const ends: readonly (readonly [number, (channel: ServerChannel) => void])[] = [
    [137, () => {}],
    [4_294_967_295, (channel) => channel.exit(4_294_967_295)],
    [130, (channel) => channel.exit('INT', false, 'x'.repeat(10_000))],
    [1, (channel) => [1, 2].forEach((code) => void channel.exit(code))],
  ]
  for (const [exitCode, exit] of ends) {
    const run = (channel: ServerChannel) => {
      channel.stderr.write(begunMark)
      exit(channel)
      channel.end()
    }
    const connection = await logInAt(await sshServer(t, { run }))
    t.like(await inBounds(t, connection.run(['x'], { timeoutMs: endsWithinMs })), { exitCode, timedOut: false })
    connection.close()
  }
})

test.serial('one whose channel never closes, and one that never begins the command', async (t) => {
  const open = (channel: ServerChannel) => {
    channel.stderr.write(begunMark)
    channel.exit(0)
  }
  for (const run of [open, () => {}]) {
    const connection = await logInAt(await sshServer(t, { run }))
    t.like(await inBounds(t, connection.run(['x'], { timeoutMs: limitMs })), { timedOut: true })
    connection.close()
  }
})

test.serial('an abort ends a second login, whose server never answers', async (t) => {
  let logins = 0
  const address = await sshServer(t, {
    authenticate: (context) => void (logins++ < 2 && context.accept()),
    run: (channel) => channel.stderr.write(begunMark),
  })
  const connection = await connectSsh(address, 60_000)
  connection.start(['x'], {}).ended.catch(() => {})
  const abort = new AbortController()
  const second = connection.run(['y'], { timeoutMs: 60_000, signal: abort.signal })
  setTimeout(() => abort.abort(new Error('interrupted')), 100)
  t.is(await errorOf(t, second), 'interrupted')
  connection.close()
})
