import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectSocket, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import ssh2 from 'ssh2'
import { makeClientKey } from '../image/ssh-keys.ts'
import type { NicState } from './agent-protocol.ts'
import { connectSsh } from './ssh.ts'
import { overTcp } from './ssh-login.ts'
import type { CommandOptions, Connection } from './transport.ts'

// Not made by ssh2: of its Ed25519 keys it can't read those whose public half begins with a zero byte, one in 256.
const hostKey = makeClientKey()
const clientKey = makeClientKey()
const limit: CommandOptions = { timeoutMs: 60_000 }

/** The agent on this host, and how to log in to it. */
interface Up {
  readonly agent: ChildProcess
  /** The socket at which it listens. */
  readonly socket: string
  /** What the agent complained of. */
  complaints(): string
  connect(onNic?: (nic: NicState) => void): Promise<Connection>
}

/** Listens at the socket that is named first, and becomes the program that follows, which gets it as descriptor 3. */
const listening = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
print('listens', flush=True)
os.execv(sys.argv[2], sys.argv[2:])
`

/** In place of what hears of NICs from the kernel: they are as they are told to be, in a folder above the modules. */
const toldNics = `
import os, socket
class NicStates:
    def __init__(self):
        self.up = set()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(os.path.join(os.path.dirname(__file__), '../nics'))
    def changes(self):
        while True:
            try:
                told = self.socket.recv(64)
            except BlockingIOError:
                return
            (self.up.add if told[0] else self.up.discard)(told[1:])
            yield told[1:], told[0] == 1
`

async function startAgent(t: ExecutionContext): Promise<Up> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const modules = join(folder, 'modules')
  mkdirSync(modules)
  writeFileSync(join(modules, 'join_words.py'), 'def run(*words): return "+".join(words)\n')
  writeFileSync(join(modules, 'nic_states.py'), toldNics)
  const socket = join(folder, 'agent')
  const words = ['-I', '-S', '-c', listening, socket, join(import.meta.dirname, 'agent.py'), modules]
  const agent = spawn('python3', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  agent.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk
  })
  t.teardown(() => agent.kill('SIGKILL'))
  await once(agent.stdout, 'data')
  const address = await serve(t, socket)
  return { agent, socket, complaints: () => complaints, connect: (onNic) => connectSsh(address, 10_000, onNic) }
}

/** An SSH server that lets the runner through to the agent, wherever it asks for. */
async function serve(t: ExecutionContext, socket: string) {
  const server = new ssh2.Server({ hostKeys: [hostKey.privateText] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (context) => context.accept())
    client.on('tcpip', (accept) => {
      const [channel, agent] = [accept(), connectSocket(socket)]
      for (const end of [channel, agent]) end.on('error', () => {})
      channel.pipe(agent).pipe(channel)
      channel.on('close', () => agent.destroy())
      agent.on('close', () => channel.end())
    })
    t.teardown(() => client.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server as unknown as NetServer, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const keys = { clientKey: clientKey.privateText, hostKey: hostKey.publicText.split(' ')[1] ?? '' }
  return { ...overTcp('127.0.0.1', port), user: 'root', ...keys }
}

async function connect(t: ExecutionContext) {
  const up = await startAgent(t)
  const connection = await up.connect()
  t.teardown(() => connection.close())
  const sh = (script: string, options: Partial<CommandOptions> = {}) =>
    connection.run(['sh', '-c', script], { ...limit, ...options })
  return { ...up, connection, sh }
}

test.serial('a command has its arguments as they are, its exit code, and both outputs apart', async (t) => {
  const { connection, sh } = await connect(t)
  const words = ["it's", '$HOME', 'a  b', '`id`', '', '\\', '*', 'ä\n"']
  t.is((await connection.run(['printf', '<%s>', ...words], limit)).stdout, words.map((word) => `<${word}>`).join(''))
  t.like(await sh('echo out; echo err >&2; exit 7'), { exitCode: 7, stdout: 'out\n', stderr: 'err\n', cut: false })
  t.like(await sh('kill -INT $$'), { exitCode: 130 })
  t.like(await sh('kill -KILL $$'), { exitCode: 137, timedOut: false })
})

test.serial('a command has the surroundings of a login, and no descriptor or signal of the agent', async (t) => {
  const { connection, sh } = await connect(t)
  const { stdout } = await connection.run(['env'], limit)
  t.deepEqual(
    stdout.split('\n').map((line) => line.split('=')[0]),
    ['USER', 'LOGNAME', 'HOME', 'SHELL', 'PATH', 'LANG', ''],
  )
  t.is((await sh('pwd')).stdout, '/root\n')
  t.notRegex((await sh('ls -l /proc/self/fd')).stdout, /socket|pidfd|eventpoll/)
  t.regex((await connection.run(['cat', '/proc/self/status'], limit)).stdout, /SigBlk:\s0+\nSigIgn:\s\w{8}[08]0{7}\n/)
})

test.serial('a program that is not there, or is none, is told of as by a shell', async (t) => {
  const { connection, sh } = await connect(t)
  const missing = { exitCode: 127, stderr: 'exec: no-such-tool: not found\n' }
  t.like(await connection.run(['no-such-tool'], limit), missing)
  const noFile = { exitCode: 127, stderr: 'exec: /no/tool: No such file or directory\n' }
  t.like(await connection.run(['/no/tool'], limit), noFile)
  t.like(await connection.run(['/etc'], limit), { exitCode: 126, stderr: 'exec: /etc: Permission denied\n' })
  const { stdout } = await sh('f=$(mktemp); echo "echo script \\$1; rm \\$0" >$f; chmod 755 $f; echo $f')
  t.like(await connection.run([stdout.trim(), 'x'] as const, limit), { exitCode: 0, stdout: 'script x\n' })
})

test.serial('fifty commands run at once', async (t) => {
  const { sh } = await connect(t)
  const results = await Promise.all(Array.from({ length: 50 }, (_, index) => sh(`sleep 0.2; echo ${index}`)))
  t.deepEqual(
    results.map(({ stdout }) => stdout),
    Array.from({ length: 50 }, (_, index) => `${index}\n`),
  )
})

test.serial('one that prints without end keeps no other waiting', async (t) => {
  const { connection, sh } = await connect(t)
  const floods = [0, 1, 2].map(() => connection.start(['sh', '-c', 'yes & yes >&2'], {}))
  await sleep(300)
  for (let times = 0; times < 10; times++) t.like(await sh('echo here', { timeoutMs: 10_000 }), { stdout: 'here\n' })
  for (const flood of floods) flood.signal('KILL')
  for (const flood of floods) t.like(await flood.ended, { exitCode: 137, cut: true })
})

test.serial('ten megabytes go in and come out whole', async (t) => {
  const { connection } = await connect(t)
  const stdin = Buffer.alloc(10_000_000)
  for (let at = 0; at < stdin.length; at += 4) stdin.writeUInt32LE(at, at)
  const chunks: Uint8Array[] = []
  const onOutput = (_: string, chunk: Uint8Array) => void chunks.push(Buffer.from(chunk))
  t.like(await connection.run(['cat'], { ...limit, stdin, onOutput }), { exitCode: 0 })
  t.true(Buffer.concat(chunks).equals(stdin))
})

test.serial('input that a command does not read waits in bounds, and what ends without it ends', async (t) => {
  const { agent, connection, sh } = await connect(t)
  const memoryOf = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1])
  const before = memoryOf()
  const slow = connection.start(['sleep', '60'], { stdin: Buffer.alloc(50_000_000) })
  t.like(await sh('sleep 0.5; echo between'), { stdout: 'between\n' })
  t.true(memoryOf() - before < 5000, `${memoryOf() - before} kB`)
  slow.signal('TERM')
  t.like(await slow.ended, { exitCode: 143 })
  t.like(await connection.run(['true'], { ...limit, stdin: Buffer.alloc(10_000_000) }), { exitCode: 0 })
  t.like(await sh('exec <&-; sleep 0.3; echo on', { stdin: Buffer.alloc(10_000_000) }), { stdout: 'on\n' })
})

test.serial('a command whose input is held runs until that is ended', async (t) => {
  const { connection } = await connect(t)
  const begun = Promise.withResolvers<void>()
  const argv = ['sh', '-c', 'echo begun; cat; echo over'] as const
  const running = connection.start(argv, { holdsInput: true, onOutput: () => begun.resolve() })
  await begun.promise
  t.is(await Promise.race([running.ended.then(() => 'ended'), sleep(300, 'still runs')]), 'still runs')
  running.endInput()
  t.like(await running.ended, { exitCode: 0, stdout: 'begun\nover\n' })
})

test.serial(
  'a command has ended when its process has, whatever its children do; all that it printed has come',
  async (t) => {
    const { sh } = await connect(t)
    t.like(await sh('sleep 60 & echo $!', { timeoutMs: 10_000 }), { timedOut: false })
    const long = await sh('yes & head -c 60000 /dev/zero | tr "\\0" x; kill -STOP $!; echo; echo last >&2')
    t.is(long.stderr, 'last\n')
    t.like(await sh('yes & sleep 0.1', { timeoutMs: 10_000 }), { timedOut: false, exitCode: 0 })
  },
)

test.serial('a signal reaches the process and its children, and a time limit ends both', async (t) => {
  const { connection, sh } = await connect(t)
  const printed = Promise.withResolvers<string>()
  const script = 'trap "echo heard; exit" USR1; sleep 4711.25 & echo $!; while :; do sleep 0.1; done'
  const running = connection.start(['bash', '-c', script], { onOutput: (_, chunk) => printed.resolve(String(chunk)) })
  const child = (await printed.promise).trim()
  running.signal('USR1')
  const result = await Promise.race([running.ended, sleep(10_000)])
  t.like(result, { exitCode: 0, stdout: `${child}\nheard\n` })
  t.false(existsSync(`/proc/${child}/fd/0`))
  const late = await sh('sleep 4711.5 & echo $!; wait', { timeoutMs: 500 })
  t.true(late.timedOut)
  const stubborn = await sh('trap "" TERM; sleep 4711.75 & while :; do sleep 0.1; done', { timeoutMs: 500 })
  t.like(stubborn, { timedOut: true, exitCode: 137 })
  t.is((await sh('pgrep -f "sleep 4711[.]" || echo gone')).stdout, 'gone\n')
})

test.serial('an abort leaves the command alone, and others go on', async (t) => {
  const { sh } = await connect(t)
  const abort = new AbortController()
  const waiting = sh('yes', { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('interrupted')), 100)
  await t.throwsAsync(waiting, { message: 'interrupted' })
  t.like(await sh('echo on'), { stdout: 'on\n' })
  await t.throwsAsync(sh('true', { signal: abort.signal }), { message: 'interrupted' })
})

test.serial('commands of a connection that ends go on, those of others are not touched', async (t) => {
  const { connect: again, sh } = await connect(t)
  const other = await again()
  const pid = Promise.withResolvers<string>()
  const argv = ['sh', '-c', 'echo $$; exec sleep 60'] as const
  other.start(argv, { onOutput: (_, chunk) => pid.resolve(String(chunk).trim()) }).ended.catch(() => {})
  const number = await pid.promise
  other.close()
  await other.ended
  t.like(await sh(`sleep 0.3; kill ${number} && echo was there`), { stdout: 'was there\n' })
})

test.serial('a connection has ended when the agent has', async (t) => {
  const { agent, connection, sh } = await connect(t)
  const waiting = sh('sleep 60')
  await sh('true')
  agent.kill('SIGKILL')
  await t.throwsAsync(waiting, { message: /^cannot run sh: the connection to the machine ended/ })
  await connection.ended
  const after = await t.throwsAsync(connection.run(['true'], limit))
  t.like(after, { kind: 'machinery', message: 'cannot run true: the connection to the machine ended' })
})

test.serial('a function of the agent is called with words, and its text or its fault comes back', async (t) => {
  const { connection } = await connect(t)
  t.is(await connection.call('join_words', ['a b', '', 'ä'], 10_000), 'a b++ä')
  await t.throwsAsync(connection.call('nothing', [], 10_000), { message: /^cannot call nothing: KeyError/ })
})

test.serial('what is longer than a request can be is refused, and nothing else breaks', async (t) => {
  const { connection, sh } = await connect(t)
  const error = await t.throwsAsync(connection.run(['echo', 'x'.repeat(300_000)], limit))
  t.regex(error.message, /^cannot run echo: it has \d+ bytes of arguments, 262144 at most can be sent$/)
  await t.throwsAsync(connection.run(['echo', 'a\0b'], limit), { message: /NUL character/ })
  t.like(await connection.run(['echo', 'x'.repeat(200_000)], limit), { exitCode: 126 })
  t.like(await sh('echo on'), { stdout: 'on\n' })
})

test.serial('nonsense on its channels ends neither the agent nor the commands of others', async (t) => {
  const { socket, connection, sh, complaints } = await connect(t)
  const running = connection.start(['sh', '-c', 'sleep 2; echo whole'], {})
  const channels = ['', 's', 's\0\0\0\x01\0\0\0\0', 'zzzzzzzzzzzzzzzzzzzz', `k\0\0\0\x01\0\0\0\x00`]
  channels.push(`i${'\xff'.repeat(9)}`, 's\0\0\0\x01\0\0\0\x02-\xff', 'k\0\0\0\x09\0\0\0\x01\xff')
  channels.push('c\0\0\0\x09\0\0\0\x03a\0b')
  for (const said of channels) {
    const channel = connectSocket(socket)
    channel.resume().end(Buffer.from(said, 'latin1'))
    await once(channel, 'close')
  }
  t.like(await running.ended, { exitCode: 0, stdout: 'whole\n' })
  t.like(await sh('echo on'), { stdout: 'on\n' })
  t.is(complaints(), '')
})

test.serial('what a command did to NICs is known before its end, and what is up to who comes later', async (t) => {
  const { connect: again, socket } = await startAgent(t)
  const told: string[] = []
  const connection = await again(({ mac, up }) => told.push(`${mac} ${up}`))
  t.teardown(() => connection.close())
  const tell = (...nics: string[]) => {
    const lines = nics.map((nic) => `s.sendto(bytes.fromhex('${nic}'), '${join(socket, '../nics')}')`)
    const script = ['import socket', 's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)', ...lines].join('\n')
    return connection.run(['env', 'python3', '-c', script], limit)
  }
  t.like(await tell('01020000000001', '00020000000001', '01020000000002'), { exitCode: 0, stderr: '' })
  t.deepEqual(told, ['02:00:00:00:00:01 true', '02:00:00:00:00:01 false', '02:00:00:00:00:02 true'])
  told.length = 0
  t.like(await tell('00020000000002', '01020000000003'), { exitCode: 0 })
  t.deepEqual(told, ['02:00:00:00:00:02 false', '02:00:00:00:00:03 true'])
  const later: string[] = []
  const other = await again(({ mac, up }) => later.push(`${mac} ${up}`))
  t.teardown(() => other.close())
  await other.run(['true'], limit)
  t.deepEqual(later, ['02:00:00:00:00:03 true'])
})
