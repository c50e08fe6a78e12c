import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { asOtherUser, makeSharedFolder, noOtherUser } from '../other-user.ts'
import { makePrivateHost, type PrivateHost } from './cli-process.ts'
import { type HostSnapshot, whatIsNew } from './host-snapshot.ts'

let host: PrivateHost
let empty: HostSnapshot
const lab = 'bridge-veth'

before(() => {
  host = makePrivateHost()
  empty = host.look()
})
after(() => host.remove())

const results = () => mkdtempSync(join(host.folder, 'results-'))
const qemus = () => host.look().processes.filter((line) => line.includes('qemu'))

/** What there must be after a while: processes need some milliseconds to end. */
async function settled(): Promise<readonly string[]> {
  for (const untilMs = performance.now() + 3000; performance.now() < untilMs; await setTimeout(50))
    if (host.look().processes.length === 0) break
  return host.look().processes
}

/** Kills the runner of a command as long after its first machine was started; without machines, after it began. */
async function runAndKill(words: readonly string[], { machines, afterMs }: { machines: boolean; afterMs: number }) {
  const folder = results()
  const { child, ended } = host.start([lab, ...words, '--results', folder])
  // It is made when QEMU is started.
  const console = join(folder, lab, 'default', 'host.console.log')
  while (machines && child.exitCode === null && !existsSync(console)) await setTimeout(2)
  await setTimeout(afterMs)
  child.kill('SIGKILL')
  await ended
}

const moments = [
  ...[50, 200, 400, 600].map((afterMs) => ({ machines: false, afterMs })),
  ...[0, 10, 30, 100, 200, 400, 800, 1600].map((afterMs) => ({ machines: true, afterMs })),
]
const inWords = ({ machines, afterMs }: (typeof moments)[number]) =>
  `killed ${afterMs} ms after ${machines ? 'its first machine' : 'its start'}`

test('a runner that is killed at any moment leaves no machine, and the next command removes what it left', async () => {
  for (const moment of moments) {
    await runAndKill([], moment)
    assert.deepEqual(await settled(), [], inWords(moment))
    await host.run(['down'])
    assert.deepEqual(whatIsNew(empty, host.look()), [], inWords(moment))
  }
})

test('of a run with --keep that is killed at any moment, ps lists what runs and down ends it', async () => {
  for (const moment of moments) {
    await runAndKill(['--keep'], moment)
    // What was forked a moment ago is QEMU only when it has executed it.
    await setTimeout(500)
    const running = qemus()
    if (moment.machines) assert.equal(running.length, 1, inWords(moment))
    const { output } = await host.run(['ps'])
    for (const line of running) assert.match(output, new RegExp(`process ${line.split(' ')[2]}\\b`), inWords(moment))
    await host.run(['down'])
    assert.deepEqual(await settled(), [], inWords(moment))
    assert.deepEqual(whatIsNew(empty, host.look()), [], inWords(moment))
  }
})

test('down ends what is kept, and not the machines of a run with --keep that is still going on', async () => {
  const { child, ended } = host.start([lab, '--keep', '--results', results()])
  for (let listed = ''; !/up, process/.test(listed); ) listed = (await host.run(['ps'])).output
  assert.match((await host.run(['ps'])).output, /its run is still going on/)
  assert.match((await host.run(['down'])).output, /bridge-veth\/default: not ended, its run is still going on/)
  assert.match((await host.run(['down', lab])).output, /^cannot end bridge-veth: its run is still going on/)
  const { exitCode, output } = await ended
  assert.equal(exitCode, 0, output)
  assert.equal(child.exitCode, 0)
  assert.equal(qemus().length, 1)
  assert.match((await host.run(['down', lab])).output, /bridge-veth\/default: ended host/)
  assert.deepEqual(await settled(), [])
  assert.deepEqual(whatIsNew(empty, host.look()), [])
})

const noNamespaces = process.getuid?.() === 0 ? false : 'only root can make a PID namespace as this does'

test('runs in PID namespaces that do not see each other leave each other alone', { skip: noNamespaces }, async () => {
  const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
  const runs = [host.start([lab, '--results', results()]), host.start([lab, '--results', results()], apart)]
  let going = true
  const all = Promise.all(runs.map(({ ended }) => ended)).finally(() => {
    going = false
  })
  while (going) await Promise.all([host.run(['down'], apart), host.run(['down'])])
  for (const { exitCode, output } of await all) assert.equal(exitCode, 0, output)
  assert.deepEqual(whatIsNew(empty, host.look()), [])
})

test('what was kept in another PID namespace is listed, and not taken for left', { skip: noNamespaces }, async () => {
  const { output } = await host.run([lab, '--keep', '--results', results()])
  const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
  assert.match((await host.run(['ps'], apart)).output, /its processes are not to be seen from here/, output)
  assert.match((await host.run(['down'], apart)).output, /not ended, its processes are not to be seen from here/)
  assert.equal(qemus().length, 1)
  assert.match((await host.run(['down'])).output, /ended host/)
  assert.deepEqual(await settled(), [])
})

test('root of a container, who may not look at processes of other users, ends what is kept', {
  skip: noNamespaces,
}, async () => {
  const contained = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace', '--']
  const { output } = await host.run([lab, '--keep', '--results', results()], contained)
  assert.equal(qemus().length, 1, output)
  assert.match((await host.run(['ps'], contained)).output, /up, process \d+/)
  assert.match((await host.run(['down'], contained)).output, /ended host/)
  assert.deepEqual(await settled(), [])
  assert.deepEqual(whatIsNew(empty, host.look()), [])
})

/** What makes the place of root's runtime folders a trap. */
const traps: Readonly<Record<string, (root: string, victim: string, pid: number) => void>> = {
  'a link': (root, victim) => asOtherUser('ln', '-s', victim, root),
  'a folder with a record of processes and a link': (root, victim, pid) => {
    const start = "$(sed 's/.*) //' /proc/$1/stat | cut -d' ' -f20)"
    const record = `{"lab":"x","variant":"y","since":"z","nodes":{},"machines":[{"name":"a","pid":$1,"start":"'"${start}"'"}]}`
    asOtherUser('sh', '-c', `mkdir -p "$0/r-1" && echo '${record}' > "$0/r-1/kept.json"`, root, String(pid))
    asOtherUser('ln', '-s', victim, join(root, 'r-2'))
  },
}

for (const [what, set] of Object.entries(traps))
  test(`another user's ${what} in place of the runtime folder has nothing deleted or killed`, {
    skip: noOtherUser,
  }, async () => {
    const shared = makeSharedFolder()
    const victim = join(host.folder, `victim of ${what}`)
    mkdirSync(join(victim, 'precious'), { recursive: true })
    writeFileSync(join(victim, 'precious', 'file'), '')
    // What is new might be taken for a runtime folder in the making.
    utimesSync(join(victim, 'precious'), 0, 0)
    const bystander = host.start(['run', '--help'], ['sh', '-c', 'exec sleep 600'])
    const name = (old: string) => join(shared.path, `wirelab-${old}0`)
    for (const root of [name(''), name('runs-')]) set(root, victim, bystander.child.pid ?? 0)
    const elsewhere = ['env', '-u', 'XDG_RUNTIME_DIR', `TMPDIR=${shared.path}`]
    try {
      await host.run(['ps'], elsewhere)
      await host.run(['down'], elsewhere)
      const { exitCode, output } = await host.run([lab, '--results', results()], elsewhere)
      assert.equal(exitCode, 0, output)
      assert.equal(bystander.child.exitCode ?? bystander.child.signalCode, null)
      assert.deepEqual(readdirSync(join(victim, 'precious')), ['file'])
    } finally {
      bystander.child.kill('SIGKILL')
      await bystander.ended
      shared.remove()
    }
  })
