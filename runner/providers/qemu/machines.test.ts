import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { coveredMs } from '../../../assertions/outage/stalls.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { roomOf } from '../../host/room.ts'
import { runtimeFolders } from '../../host/runtime-folder.ts'
import { planRun } from '../../plan.ts'
import { realTimeOf } from '../../steps/real-time.ts'
import { bringUp, pair } from '../../testing/test-machines.ts'
import { waitedOf } from '../qmp/processor-waits.ts'
import { descriptorIn } from './descriptors.ts'

test.serial(
  'copies of one template differ in name, machine id, randomness and the MACs that they make up',
  async (t) => {
    const { sh } = await bringUp(t)
    const script =
      'hostname; cat /etc/machine-id /proc/sys/kernel/random/uuid; ip link add v type veth peer name w; cat /sys/class/net/[vw]/address'
    const [left, right] = await Promise.all(['left', 'right'].map(async (name) => (await sh(name, script)).split('\n')))
    t.is(left?.length, 5)
    t.is(left?.[0], 'left')
    for (const line of left ?? []) t.false(right?.includes(line), `both have ${line}`)
  },
)

test.serial('NICs have the names and MACs of the plan, cables join them, and nothing else is there', async (t) => {
  const { sh } = await bringUp(t)
  const planned = planRun('pair', pair).machines.flatMap((machine) =>
    machine.nics.map(({ name, mac }) => `${machine.name} ${name} ${mac}`),
  )
  const found = await Promise.all(
    ['left', 'right'].map(async (name) =>
      (await sh(name, 'cd /sys/class/net; for nic in *; do echo $nic $(cat $nic/address); done'))
        .split('\n')
        .map((line) => `${name} ${line}`),
    ),
  )
  t.deepEqual(
    found
      .flat()
      .filter((line) => !line.includes(' lo '))
      .sort(),
    planned.toSorted(),
  )
  await sh('left', 'ip addr add 10.1.0.1/24 dev eth1; ip link set eth1 up')
  await sh('right', 'ip addr add 10.1.0.2/24 dev eth2; ip link set eth2 up')
  t.regex(await sh('left', 'ping -c 1 -w 10 10.1.0.2'), / 0% packet loss/)
})

test.serial('NICs get their names whatever they were called in the template', async (t) => {
  const cables = [
    ['left:eth1', 'right:eth2'],
    ['left:eth2', 'right:eth0'],
    ['left:eth3', 'right:eth1'],
  ]
  const links = cables.map((ends) => ({
    endpoints: ends.map((end) => ({ node: end.split(':')[0] ?? '', nic: end.split(':')[1] ?? '' })),
  }))
  const { sh } = await bringUp(t, { ...pair, links })
  for (const { name, nics } of planRun('pair', { ...pair, links }).machines)
    for (const { name: nic, mac } of nics) t.is(await sh(name, `cat /sys/class/net/${nic}/address`), mac, nic)
})

test.serial('a machine and its host have no network in common', async (t) => {
  const { sh, logs } = await bringUp(t)
  t.is(await sh('left', 'ip route; ip -6 route | grep -v "dev lo"; ip netns'), '')
  const sockets = qemusOf(logs).flatMap(socketsOf)
  t.true(sockets.length >= 2)
  const tables = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'packet', 'netlink']
  const onNetworks = tables.flatMap((table) => inodesIn(`/proc/net/${table}`))
  t.deepEqual(
    sockets.filter((inode) => onNetworks.includes(inode)),
    [],
  )
})

/** The inodes of a process's sockets. */
const socketsOf = (pid: string) =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkIn(`/proc/${pid}/fd/${fd}`))?.[1] ?? [])

const linkIn = (path: string) => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** All words of a table of sockets, among them their inodes. */
const inodesIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split(/\s+/) : [])

test.serial(
  "a NIC that its machine takes down takes its neighbour's carrier, whatever it is called and wherever it is",
  async (t) => {
    const { sh } = await bringUp(t)
    const carrier = () => sh('right', 'cat /sys/class/net/eth2/carrier')
    const follows = async (wanted: '0' | '1', script: string) => {
      await sh('left', script)
      t.is(await carrier(), wanted, script)
    }
    await sh('right', 'ip link set eth2 up')
    t.is(await carrier(), '0', 'it was never set up')
    await follows('1', 'ip link set eth1 up')
    await follows('0', 'ip link set eth1 down')
    await follows('1', 'ip link set eth1 name shop; ip link set shop address 02:00:00:00:00:01 up')
    await follows('0', 'ip netns add one; ip netns add two; ip link set shop netns one')
    await follows('1', 'ip -n one link set shop up')
    await follows('1', 'ip -n one link set shop netns two; ip -n two link set shop up')
    await follows('0', 'ip -n two link set shop down')
    await follows(
      '1',
      `unshare -n sleep 999 >/dev/null & while [ $(readlink /proc/$!/ns/net) = $(readlink /proc/self/ns/net) ]; do :; done
      ip -n two link set shop netns $!; nsenter -t $! -n ip link set shop up`,
    )
    await follows('0', 'nsenter -t $(pgrep sleep) -n ip link set shop down')
    await follows('1', 'pkill sleep; until ip link set shop up; do :; done')
    await follows('1', 'for i in $(seq 20); do ip link set shop down; ip link set shop up; done')
    await follows('0', 'basename $(readlink -f /sys/class/net/shop/device) >/sys/bus/virtio/drivers/virtio_net/unbind')
  },
)

test.serial("a NIC's permanent address is that of the plan too", async (t) => {
  const { sh } = await bringUp(t)
  t.notRegex(await sh('left', 'ip link'), /permaddr/)
})

test.serial(
  'what a command prints comes whole up to a bound, or whole when that is wanted, and its time limit ends it with its children',
  async (t) => {
    const { testbed, sh } = await bringUp(t)
    const machine = testbed.machine('left')
    const long = await machine.run(['sh', '-c', 'yes 0123456789abcde | head -c 3000000'], { timeoutMs: 60_000 })
    t.true(long.cut)
    t.true(long.stdout.length < 300_000)
    const whole = await machine.run(['sh', '-c', 'yes 0123456789abcde | head -c 3000000; echo over >&2'], {
      timeoutMs: 60_000,
      wholeIn: { folder: tmpdir(), room: roomOf() },
    })
    t.deepEqual(whole.whole, { stdout: '0123456789abcde\n'.repeat(187_500), stderr: 'over\n', cut: false })
    const binary = await machine.run(['head', '-c', '2000', '/dev/urandom'], { timeoutMs: 20_000 })
    t.false(binary.cut)
    const late = await machine.run(['bash', '-c', 'sleep 4711; true'], { timeoutMs: 500 })
    t.true(late.timedOut)
    t.is(await sh('left', 'pgrep -f "sleep 471[1]" || echo gone'), 'gone')
  },
)

test.serial('arguments reach a command as they are', async (t) => {
  const { testbed } = await bringUp(t)
  const words = ["it's", '$HOME', 'a  b', '`id`', '', '\\', '*', 'ä\n"']
  const { stdout } = await testbed.machine('left').run(['printf', '<%s>', ...words], { timeoutMs: 20_000 })
  t.is(stdout, words.map((word) => `<${word}>`).join(''))
})

test.serial('a command whose input is held runs until that is ended', async (t) => {
  const { testbed } = await bringUp(t)
  const argv = ['sh', '-c', 'echo begun; cat; echo over'] as const
  const begun = Promise.withResolvers<void>()
  const running = testbed.machine('left').start(argv, { holdsInput: true, onOutput: () => begun.resolve() })
  await begun.promise
  const first = await Promise.race([running.ended.then(() => 'ended'), sleep(1000, 'still runs')])
  t.is(first, 'still runs')
  running.endInput()
  t.like(await running.ended, { exitCode: 0, stdout: 'begun\nover\n' })
})

test.serial('a machine that dies is told of, and commands on it fail', async (t) => {
  const { testbed, deaths, sh } = await bringUp(t)
  const waiting = testbed.machine('right').run(['sleep', '60'], { timeoutMs: 60_000 })
  await Promise.all([
    t.throwsAsync(waiting, { message: /^machine right died: / }),
    sh('right', 'echo o > /proc/sysrq-trigger').catch(() => ''),
  ])
  t.deepEqual(deaths, ['right'])
})

test.serial('nothing is left of machines that were torn down', async (t) => {
  const { testbed, logs } = await bringUp(t)
  const before = runtimeFolders()
  t.true(before.length > 0)
  await testbed.tearDown()
  await testbed.tearDown()
  t.true(before.some((folder) => !existsSync(folder)))
  t.true(existsSync(join(logs, 'left.console.log')))
  t.deepEqual(qemusOf(logs), [])
})

/** Lines of /proc/PID/stat of the programs that this process has started and that have not ended (proc(5)). */
const children = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8')
      } catch {
        return ''
      }
    })
    .map((stat) => /^(\d+) \((.*)\) \w (\d+) /s.exec(stat))
    .flatMap((match) => (match?.[3] === `${process.pid}` ? [{ pid: match[1] ?? '', name: match[2] ?? '' }] : []))

/** The QEMUs of a bring-up with these logs, where they have the folder of captures open; other tests have theirs. */
const qemusOf = (logs: string) =>
  children()
    .filter(
      ({ name, pid }) =>
        name.startsWith('qemu') && linkIn(`/proc/${pid}/fd/${descriptorIn('captures')}`).startsWith(logs),
    )
    .map(({ pid }) => pid)

/** The threads of their virtual processors. */
const virtualProcessors = (logs: string) =>
  qemusOf(logs)
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`))
    .filter((thread) => readFileSync(`${thread}/comm`, 'utf8').startsWith('CPU '))

test.serial('machines get no huge pages, one arena for memory, and nothing else of our environment', async (t) => {
  const { logs } = await bringUp(t)
  const of = (pid: string, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  const pids = qemusOf(logs)
  t.deepEqual(
    pids.map((pid) => /^THP_enabled:\t(\d)$/m.exec(of(pid, 'status'))?.[1]),
    ['0', '0'],
  )
  const variables = pids.flatMap((pid) => of(pid, 'environ').split('\0')).filter((each) => each !== '')
  t.deepEqual([...new Set(variables)].filter((each) => !/^(PATH|LD_LIBRARY_PATH|PWD|SHLVL|_)=/.test(each)).sort(), [
    'G_SLICE=always-malloc',
    'MALLOC_ARENA_MAX=1',
    'TZ=UTC0',
  ])
})

test.serial('a virtual processor that must wait for the host is seen to wait', async (t) => {
  const { testbed, sh, logs } = await bringUp(t)
  const threads = virtualProcessors(logs)
  t.is(threads.length, 2)
  const pin = (thread: string) => spawn('taskset', ['--cpu-list', '--pid', '0', basename(thread)])
  await Promise.all(threads.map((thread) => once(pin(thread), 'exit')))
  const loop = ['--cpu-list', '0', 'sh', '-c', 'while :; do :; done']
  // Each in a session of its own: the kernel shares a processor out to sessions, and each machine has its own.
  const hogs = [0, 1, 2].map(() => spawn('taskset', loop, { stdio: 'ignore', detached: true }))
  try {
    const counted = () => threads.reduce((sum, thread) => sum + (waitedOf(`${thread}/schedstat`) ?? 0), 0)
    const watch = testbed.watchProcessorWaits()
    const before = counted()
    await sh('left', 'timeout 2 sh -c "while :; do :; done"; true')
    const countedMs = counted() - before
    const seenMs = coveredMs(watch.end(), 0, Number.POSITIVE_INFINITY)
    t.true(countedMs > 500, `the kernel counted ${countedMs} ms`)
    t.true(seenMs > countedMs / 2, `${seenMs} of ${countedMs} ms were seen`)
    t.regex(
      realTimeOf(50, () => watch.waits()).whyUnsure() ?? 'no pause',
      /^(left|right) waited for the host for half or more of \d/,
    )
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL')
  }
})

test.serial('machines die with a runner that is killed', async (t) => {
  const lab = mkdtempSync(join(tmpdir(), 'wirelab-test-'))
  t.teardown(() => rmSync(lab, { recursive: true, force: true }))
  const script = `
    import { openImage } from ${JSON.stringify(join(import.meta.dirname, '../../image/image.ts'))}
    import { planRun } from ${JSON.stringify(join(import.meta.dirname, '../../plan.ts'))}
    import { qemuProvider } from ${JSON.stringify(join(import.meta.dirname, 'qemu-provider.ts'))}
    const variant = { name: 'default', values: {}, nodes: [{ name: 'alone' }], links: [], steps: [], crashCases: [] }
    const testbed = await qemuProvider.bringUp(planRun('x', variant), {
      image: await openImage(), accelerator: 'tcg', keep: false, onProgress() {},
      logs: ${JSON.stringify(lab)}, signal: new AbortController().signal, onReady() {}, onDeath() {},
    })
    const { stdout } = await testbed.machine('alone').run(['uname'], { timeoutMs: 20000 })
    const { readFileSync } = await import('node:fs')
    const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim()
    process.send({ stdout, children })
    setInterval(() => {}, 1000)`
  const { fork } = await import('node:child_process')
  const { writeFileSync } = await import('node:fs')
  const file = join(lab, 'runner.ts')
  writeFileSync(file, script)
  const runner = fork(file, { execArgv: [] })
  const { stdout, children } = await new Promise<{ stdout: string; children: string }>((resolve, reject) => {
    runner.once('message', (message) => resolve(message as { stdout: string; children: string }))
    runner.once('exit', (code) => reject(new Error(`the runner exited with ${code}`)))
  })
  t.is(stdout, 'Linux\n')
  runner.removeAllListeners('exit')
  runner.kill('SIGKILL')
  await new Promise((resolve) => runner.once('exit', resolve))
  const alive = (pid: string) => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  const deadline = Date.now() + 5000
  while (children.split(' ').some(alive) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20))
  t.deepEqual(children.split(' ').filter(alive), [])
})

test.serial('machines come back as they were saved, twice, with their cables and the right time', async (t) => {
  const { testbed, logs, sh } = await bringUp(t)
  const nic = (state: 'plugged' | 'unplugged') =>
    testbed.setNic({ kind: 'nic', endpoint: { node: 'left', nic: 'eth2' }, state })
  const link = (state: 'up' | 'down') =>
    testbed.setLink({ kind: 'link', endpoint: { node: 'left', nic: 'eth1' }, direction: 'both', state })
  // A NIC is in another place on the bus, and one is not in the machine any more.
  await nic('unplugged')
  await sh('left', 'ip addr add 10.1.0.1/24 dev eth1; ip link set eth1 up; echo before >/root/file')
  await sh('right', 'ip addr add 10.1.0.2/24 dev eth2; ip link set eth2 up; setsid sleep 4712 >/dev/null 2>&1 &')
  await link('down')
  const carrier = () => sh('right', 'cat /sys/class/net/eth2/carrier; cat /sys/class/net/eth2/carrier_changes')
  const carrierBefore = await carrier()
  const startedMs = performance.now()
  const folder = join(logs, 'saved')
  const snapshot = await testbed.takeSnapshot(folder)
  t.log(`saved in ${Math.round(performance.now() - startedMs)} ms`, snapshot.machines)
  t.is(await sh('left', 'cat /root/file'), 'before', 'it goes on')
  const crash = () => testbed.setMachine({ kind: 'machine', node: 'right', state: 'crashed' })
  for (const change of [() => link('up'), () => nic('plugged'), crash]) {
    await sh('left', 'rm /root/file; ip addr flush dev eth1')
    await sh('right', 'pkill sleep')
    await change()
    const beganMs = performance.now()
    await testbed.restoreSnapshot(snapshot)
    t.log(`brought back in ${Math.round(performance.now() - beganMs)} ms`)
    t.is(await sh('left', 'cat /root/file; ls /sys/class/net'), 'before\neth1\nlo')
    t.is(await sh('right', 'pgrep -c sleep'), '1')
    t.is(await carrier(), carrierBefore, 'a cable that was cut is cut')
    const aheadMs = Number(await sh('left', 'date +%s%3N')) - hostNowMs()
    t.true(Math.abs(aheadMs) < 1000, `its clock is ${aheadMs} ms ahead`)
  }
  await link('up')
  t.regex(await sh('left', 'ping -c 1 -w 10 10.1.0.2'), / 0% packet loss/)
  await nic('plugged')
  t.regex(await sh('left', 'ip -br link'), /eth2/)
  rmSync(folder, { recursive: true })
})
