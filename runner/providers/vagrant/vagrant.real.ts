import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { parseJunit } from '../../../reports/junit/parse-junit.ts'
import { compareRuns } from '../../../reports/many-runs/compare.ts'
import { parseEvents } from '../../../reports/run/json-lines.ts'

// Labs through Vagrant, vagrant-libvirt and libvirt as they are. To be run by `npm run test:vagrant`, which gives this
// test a libvirt of its own. Tests use it one after another, and each leaves it empty.

const root = join(import.meta.dirname, '..', '..', '..')
const realLab = join(import.meta.dirname, 'real-lab')
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'wirelab-real-'))
const longMs = 600_000

async function lab(...words: string[]) {
  const { stdout } = await run('npm', ['run', '--silent', 'lab', ...words], { cwd: root, timeout: longMs })
  return stdout
}
const virsh = async (...words: string[]) => (await run('virsh', ['--quiet', ...words])).stdout.trim()

/** Everything of labs that is in libvirt; boxes stay, as Vagrant wants it. */
async function left() {
  const volumes = (await virsh('vol-list', 'default')).split('\n').filter((line) => !line.includes('_box_image_'))
  return [await virsh('list', '--all', '--name'), await virsh('net-list', '--all', '--name'), ...volumes].filter(
    Boolean,
  )
}

const eventsOf = (results: string) => parseEvents(readFileSync(join(folder, results, 'events.jsonl'), 'utf8'))

const verdictsOf = (results: string) => parseJunit(readFileSync(join(folder, results, 'junit.xml'), 'utf8'))

/** Class and name of each test case of a JUnit report. */
const junitOf = (results: string) =>
  [...readFileSync(join(folder, results, 'junit.xml'), 'utf8').matchAll(/<testcase ([^>]*)>/g)].map(
    ([, attributes = '']) =>
      [/\bclassname="[^"]*"/, /\bname="[^"]*"/].map((part) => part.exec(attributes)?.[0] ?? '').join(' '),
  )

/** From the beginning of a lab to its last machine's first answer. */
const upMsOf = (results: string, scope: string) =>
  Math.max(
    ...eventsOf(results).flatMap((event) =>
      event.type === 'machine-ready' && event.scope === scope ? [event.durationMs] : [],
    ),
  )

before(async () => {
  const line = (await lab('image', 'box')).trim().split('\n').at(-1) ?? ''
  assert.match(line, /^vagrant box add /)
  await run('sh', ['-c', line])
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('labs have the same verdicts and JUnit names through Vagrant as through QEMU', { timeout: longMs }, async (t) => {
  const labs = ['bridge-veth', 'vlan-trunk/trunk', realLab]
  const results = (provider: string) => [
    '--',
    '--provider',
    provider,
    '--jobs',
    '1',
    '--results',
    join(folder, provider),
  ]
  await lab(...labs, ...results('qemu'))
  await lab(...labs, ...results('vagrant'))
  const { rows } = compareRuns([verdictsOf('qemu'), verdictsOf('vagrant')])
  assert.deepEqual(
    rows.flatMap(({ differing }) => differing),
    [],
  )
  assert.equal(rows.length, 3)
  for (const { scope, cells } of rows) {
    assert.deepEqual(cells[0], cells[1])
    assert.ok((cells[1]?.counts.passed ?? 0) >= 7)
    // One machine of that lab is left as it was stopped, and nobody can ask it what crashed.
    assert.equal(cells[1]?.counts.skipped, scope.includes('real-lab') ? 1 : 0)
  }
  assert.deepEqual(junitOf('vagrant'), junitOf('qemu'))
  assert.ok(junitOf('vagrant').length >= 40)
  for (const scope of ['bridge-veth/default', 'vlan-trunk/trunk']) {
    const [slow, quick] = [upMsOf('vagrant', scope), upMsOf('qemu', scope)]
    t.diagnostic(
      `${scope} is up through Vagrant after ${seconds(slow)}, through QEMU after ${seconds(quick)}: ${(slow / quick).toFixed(1)} times`,
    )
  }
  assert.deepEqual(await left(), [])
})

test('a lab in one’s hands is drawn as its kernels say, and what is not to be had is refused', {
  timeout: longMs,
}, async () => {
  await lab('up', 'bridge-veth', '--', '--provider', 'vagrant')
  try {
    await lab('do', 'plug')
    const drawn = await lab('graph', '--', '--live', '--format', 'dot')
    for (const part of [/label="veth0"/, /label="eth0\\n10\.0\.3\.78/, /class="join veth"/, /class="join member"/])
      assert.match(drawn, part)
    await assert.rejects(lab('rewind'), /cannot rewind: .*Vagrant/)
  } finally {
    await lab('down')
  }
  await lab('bridge-veth', '--', '--provider', 'vagrant', '--observe', '--results', join(folder, 'observed'))
  const observed = eventsOf('observed').flatMap((event) => (event.type === 'network-observed' ? event.machines : []))
  assert.ok(observed.some(({ namespaces }) => namespaces.some(({ name }) => name === 'container')))
  assert.deepEqual(await left(), [])
  nothingRuns()
})

test('whoever knows only Vagrant finds the lab’s machines and NICs', { timeout: longMs }, async () => {
  const vagrant = (...words: string[]) =>
    run('vagrant', words, {
      cwd: root,
      timeout: longMs,
      env: {
        ...process.env,
        WIRELAB_LAB: 'vlan-trunk',
        VAGRANT_DOTFILE_PATH: join(folder, 'dotfile'),
        VAGRANT_CHECKPOINT_DISABLE: '1',
      },
    })
  await vagrant('up', 'sw1')
  try {
    const { stdout } = await vagrant('ssh', 'sw1', '-c', 'hostname; cat /sys/class/net/eth1/address; ls /sys/class/net')
    const [name, mac, ...nics] = stdout.trim().split(/\s+/)
    assert.equal(name, 'sw1')
    assert.match(mac ?? '', /^02:/)
    assert.deepEqual(nics, ['eth1', 'lo'])
  } finally {
    await vagrant('destroy', '--force')
  }
  assert.deepEqual(await left(), [])
})

/** A run through Vagrant that has machines which boot. */
async function runThatBoots(results: string) {
  const words = ['bridge-veth', '--provider', 'vagrant', '--results', join(folder, results)]
  // A group of its own, as a terminal makes one; what a terminal's keys send goes to all of it.
  const child = spawn(process.execPath, [join(root, 'runner/cli/main.ts'), ...words], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const booting = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('Waiting for domain to get an IP address')) resolve()
    })
    child.once('exit', () => reject(new Error(`it ended too early:\n${printed}`)))
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await booting
  assert.match(await virsh('list', '--name'), /^wirelab-run-\S+-host$/)
  return { child, ended }
}

const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals) => process.kill(-(pid ?? 0), signal)

test('Ctrl-C while machines boot ends the run in a minute, and leaves nothing', { timeout: longMs }, async (t) => {
  const { child, ended } = await runThatBoots('interrupted')
  const startedMs = performance.now()
  signalGroup(child, 'SIGINT')
  assert.equal(await ended, 130)
  const tookMs = performance.now() - startedMs
  t.diagnostic(`it took ${seconds(tookMs)}`)
  assert.ok(tookMs < 60_000)
  assert.deepEqual(await left(), [])
  nothingRuns()
})

test('what a killed run leaves, "lab down" removes', { timeout: longMs }, async () => {
  const { child, ended } = await runThatBoots('killed')
  signalGroup(child, 'SIGKILL')
  await ended
  assert.match(
    await lab('ps'),
    /left in libvirt by a run that is gone: wirelab-run-\S+-host\n.*volume wirelab-run-\S+-host\.img\n/,
  )
  assert.match(
    await lab('doctor'),
    /runs that crashed left wirelab-run-\S+-host, volume \S+, network wirelab in libvirt/,
  )
  assert.match(
    await lab('down'),
    /removed from libvirt what crashed runs had left: wirelab-run-\S+-host, volume \S+, network wirelab\n/,
  )
  assert.deepEqual(await left(), [])
  assert.match(await lab('down'), /nothing is left/)
  nothingRuns()
})

/** In this process namespace no Vagrant and no machine may be left. */
function nothingRuns() {
  assert.deepEqual(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(commandLineOf)
      .filter((line) => /guest=wirelab-|bin\/vagrant|virsh .*event/.test(line)),
    [],
  )
}

/** A process's words, joined by spaces; '' when it has ended. */
function commandLineOf(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
