import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { writeFolder } from '../test-labs.ts'
import { makePrivateHost } from './cli-process.ts'
import { whatIsNew } from './host-snapshot.ts'

// Somebody learns in a pseudo-terminal, in a real machine.

const lab = writeFolder({
  'lab.yaml': `title: A box
summary: A cable into a box.
nodes: { host: { address: 10.0.0.1 }, box: { namespace-of: host, address: 10.0.0.2 } }
steps:
  - { name: A box, on: host, why: It is a network of its own., run: ip netns add box }
  - name: A cable
    on: host
    run: |
      ip link add v0 type veth peer name eth0 netns box
      ip addr add 10.0.0.1/24 dev v0
      ip link set v0 up
  - { name: An address, on: box, run: "ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up" }
  - name: They reach each other
    expect:
      - ping: { from: host, to: box, is: reachable, within: 1s }
`,
})

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const host = makePrivateHost()
const terminals: ChildProcess[] = []
afterEach(async () => {
  for (const terminal of terminals) terminal.kill()
  await host.run(['down'])
})
after(() => host.remove())

/** Starts a command in a terminal of its own, with a keyboard at which is typed and a screen that is read. */
function openTerminal(words: readonly string[]) {
  const command = [process.execPath, main, ...words].map((word) => `'${word}'`).join(' ')
  const env = { ...process.env, ...host.environment, XDG_STATE_HOME: join(host.folder, 'state'), TERM: 'xterm' }
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  terminals.push(child)
  let unread = ''
  let look = () => {}
  child.stdout.on('data', (chunk) => {
    unread += String(chunk)
    look()
  })
  const ended = once(child, 'close').then(([exitCode]) => {
    look()
    return exitCode as number | null
  })
  return {
    child,
    ended,
    type: (line: string) => void child.stdin.write(line),
    /** Waits until the screen shows these things, one after the other, that it did not show before. */
    async sees(...wanted: readonly RegExp[]) {
      const timeout = AbortSignal.timeout(90_000)
      for (const one of wanted) {
        while (!one.test(unread)) {
          assert.ok(!timeout.aborted && child.exitCode === null, `${one} in:\n${unread}`)
          const { promise, resolve } = Promise.withResolvers<void>()
          look = resolve
          timeout.addEventListener('abort', () => resolve(), { once: true })
          await promise
        }
        const [shown = ''] = one.exec(unread) ?? []
        unread = unread.slice(unread.indexOf(shown) + shown.length)
      }
    },
  }
}

const [ctrlC, ctrlD] = ['\x03', '\x04']

test('a student types, checks, takes a hint, is wrong once, leaves, comes back and finishes', async () => {
  const before = host.look()
  const { type, sees, ended } = openTerminal(['learn', lab])
  await sees(/Step 1 of 3: A box {2}\(on host\)\r\nIt is a network of its own\./, /host> /)
  type('ip netns add box\r')
  await sees(/add box\s/, /host> /)
  type('check\r')
  await sees(/Nothing is claimed of it yet/, /Step 2 of 3: A cable/, /host> /)
  type('hint\r')
  await sees(/3 commands, of: ip link, ip addr\r\n/)
  type('hint\r')
  await sees(/ip link set … …\r\n/)
  type('answer\r')
  await sees(/ {2}ip link set v0 up\r\n/)
  type('do\r')
  await sees(/Step 3 of 3: An address {2}\(on box\)\r\n\? Will host reach box\?/, /box> /)
  type('ip addr add 10.0.0.3/24 dev eth0; ip link set eth0 up\r')
  await sees(/eth0 up\s/, /box> /)
  type('check\r')
  await sees(/✗ host reaches box/, /Not yet: mend it/, /box> /)
  type('sleep 1000\r')
  await sees(/sleep 1000\s/)
  type(ctrlC)
  await sees(/box> /)
  type(ctrlC)
  await sees(/learn .* goes on here/)
  assert.equal(await ended, 0)

  const again = openTerminal(['learn', lab])
  await again.sees(/Step 3 of 3: An address/, /It is done already/, /box> /)
  again.type('ip addr add 10.0.0.2/24 dev eth0\r')
  await again.sees(/dev eth0\s/, /box> /)
  again.type('check\r')
  await again.sees(/✓ host reaches box/, /That was the last step\.\r\n.*is still up/)
  assert.equal(await again.ended, 0)
  assert.match((await host.run(['down'])).output, /ended host/)
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('a closed terminal leaves the lab up and named, and what is learned outlives the machines', async () => {
  const before = host.look()
  const closed = openTerminal(['learn', lab, '--again'])
  await closed.sees(/Step 1 of 3/, /host> /)
  closed.type('do\r')
  await closed.sees(/Step 2 of 3/, /host> /)
  closed.child.kill('SIGKILL')
  await closed.ended
  assert.match((await host.run(['ps'])).output, /up since .*\(host, box\)/)
  await host.run(['down'])
  const back = openTerminal(['learn', lab])
  await back.sees(/Step 2 of 3: A cable/, /host> /)
  back.type('ip netns list\r')
  await back.sees(/\nbox\r\n/)
  back.type(ctrlD)
  await back.sees(/goes on here/, /is still up/)
  assert.equal(await back.ended, 0)
  await host.run(['down'])
  assert.deepEqual(whatIsNew(before, host.look()), [])
})
