import assert from 'node:assert/strict'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cacheFolder } from '../../host/cache.ts'
import { openImage } from '../../image/image.ts'
import { planRun } from '../../plan.ts'
import type { Testbed } from '../../providers/provider.ts'
import { qemuProvider } from '../../providers/qemu/qemu-provider.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { asUser, noOtherUser } from '../other-user.ts'
import { pair } from '../test-machines.ts'
import { makePrivateHost } from './cli-process.ts'

const signal = new AbortController().signal
const logs = mkdtempSync(join(tmpdir(), 'wirelab-confined-'))
let testbed: Testbed | undefined

before(async () => {
  const wishes = { image: await openImage(), accelerator: 'tcg', keep: false, signal, onProgress: () => {} } as const
  const provider = await readyProvider(qemuProvider, wishes)
  testbed = await provider.bringUp(planRun('pair', pair), { logs, signal, onReady: () => {}, onDeath: () => {} })
})

after(async () => {
  await testbed?.tearDown()
  rmSync(logs, { recursive: true })
})

/** The machines' QEMUs: children of this process. */
const qemus = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isQemuOfOurs(name))
    .map((pid) => ({ pid, status: readFileSync(`/proc/${pid}/status`, 'utf8') }))

function isQemuOfOurs(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return /^Name:\s*qemu-system/m.test(status) && new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(status)
  } catch {
    return false
  }
}

test('QEMU has no capabilities, no way to get any, and is nobody who owns anything', () => {
  assert.equal(qemus().length, 2)
  for (const { status } of qemus()) {
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(status, new RegExp(`^${set}:\\s*0+$`, 'm'))
    assert.match(status, /^NoNewPrivs:\s*1$/m)
    assert.match(status, /^Seccomp:\s*2$/m)
    if (process.getuid?.() !== 0) continue
    assert.match(status, /^CapBnd:\s*0+$/m)
    assert.doesNotMatch(status, /^[UG]id:.*\b0\b/m)
    assert.match(status, /^Groups:\s*(\d+ )?$/m)
  }
})

test('QEMU has nothing open of what the runner was started with', async () => {
  const host = makePrivateHost()
  try {
    const secret = join(host.folder, 'secret')
    writeFileSync(secret, 'not to be read by a machine', { mode: 0o600 })
    const opening = ['bash', '-c', 'exec 7<"$0" 13<"$0" 57<"$0" 251<"$0"; exec "$@"', secret]
    const words = ['bridge-veth', '--keep', '--results', join(host.folder, 'results')]
    const { exitCode, output } = await host.start(words, opening).ended
    assert.equal(exitCode, 0, output)
    const running = host.look().processes.filter((line) => line.includes('qemu'))
    assert.equal(running.length, 1)
    for (const pid of running.map((line) => line.split(' ')[2])) {
      const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
      assert.ok(!open.includes(secret), open.join('\n'))
      const own = [/^(pipe|socket|anon_inode):/, /^\/memfd:/, /^\/dev\/(null|kvm)$/]
      const given = [cacheFolder(), join(host.folder, 'run'), join(host.folder, 'results')]
      const isMeant = (path: string) =>
        own.some((one) => one.test(path)) || given.some((folder) => path.startsWith(`${folder}/`))
      assert.deepEqual(
        open.filter((path) => !isMeant(path)),
        [],
      )
    }
  } finally {
    await host.run(['down'])
    host.remove()
  }
})

test("a copy neither has the template's files open for writing nor can write to its memory", () => {
  for (const { pid } of qemus()) {
    assert.ok(!readFileSync(`/proc/${pid}/maps`, 'utf8').includes(cacheFolder()))
    let memories = 0
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      const flags = Number.parseInt(
        /flags:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '',
        8,
      )
      if (target.startsWith(cacheFolder())) assert.equal(flags & 3, 0, target)
      if (!target.startsWith('/memfd:')) continue
      memories++
      const memory = openSync(`/proc/${pid}/fd/${fd}`, 'r+')
      assert.throws(() => writeSync(memory, 'x', 0), { code: 'EPERM' })
      closeSync(memory)
    }
    assert.ok(memories > 0)
  }
})

test('from no folder that QEMU has open a way leads to another', { skip: noOtherUser }, () => {
  let folders = 0
  for (const { pid, status } of qemus()) {
    const uid = Number(/^Uid:\s*(\d+)/m.exec(status)?.[1])
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const path = readlinkSync(`/proc/${pid}/fd/${fd}`)
      if (!statSync(`/proc/${pid}/fd/${fd}`).isDirectory()) continue
      folders++
      const folder = openSync(path, 'r')
      for (const way of ['..', '../..'])
        assert.throws(
          () => asUser(uid, 'ls', [`/proc/self/fd/3/${way}`], ['ignore', 'pipe', 'pipe', folder]),
          /Permission denied/,
          `${path}/${way}`,
        )
      closeSync(folder)
    }
  }
  assert.equal(folders, 4)
})

test('what QEMU wrote for a run belongs to its user, and frames pass', async () => {
  const machines = ['left', 'right'].map((name) => testbed?.machine(name))
  const sh = (at: number, script: string) => machines[at]?.run(['bash', '-c', script], { timeoutMs: 20_000 })
  const file = join(logs, 'cable.pcap')
  const capture = await testbed?.captureCable('left:eth1', file)
  await sh(0, 'ip addr add 10.1.0.1/24 dev eth1; ip link set eth1 up')
  await sh(1, 'ip addr add 10.1.0.2/24 dev eth2; ip link set eth2 up')
  assert.equal((await sh(0, 'ping -c 1 -w 10 10.1.0.2'))?.exitCode, 0)
  await capture?.end()
  assert.equal(statSync(file).uid, process.getuid?.())
  assert.ok(statSync(file).size > 100)
  assert.deepEqual(
    readdirSync(logs, { recursive: true }).filter((name) => String(name).endsWith('.pcap')),
    ['cable.pcap'],
  )
})

test('the cache is closed to other users', () => {
  const isClosed = (folder: string) => (statSync(folder).mode & 0o077) === 0
  for (const name of ['templates', 'images']) {
    const all = join(cacheFolder(), name)
    for (const entry of readdirSync(all, { withFileTypes: true }))
      if (entry.isDirectory()) assert.ok(isClosed(all) || isClosed(join(all, entry.name)), entry.name)
  }
})
