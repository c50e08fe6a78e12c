import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { writeFolder } from '../test-labs.ts'
import { makePrivateHost } from './cli-process.ts'
import { whatIsNew } from './host-snapshot.ts'
import { openTerminal } from './terminal.ts'

// A lab in somebody's hands, in real machines: what a student types, what he breaks, and that nothing stays.

const lab = writeFolder({
  'lab.yaml': `title: Two machines
summary: A cable between two machines.
nodes: { left: { address: 10.0.0.1 }, right: { address: 10.0.0.2 } }
links: [{ endpoints: ["left:eth1", "right:eth1"] }]
steps:
  - { name: left, id: l, on: left, run: "ip addr add 10.0.0.1/24 dev eth1; ip link set eth1 up" }
  - { name: right, id: r, on: right, run: "ip addr add 10.0.0.2/24 dev eth1; ip link set eth1 up" }
  - name: they reach each other
    expect: [{ ping: { from: left, to: right, is: reachable, within: 2s } }]
`,
})

const host = makePrivateHost()
// A test that fails leaves the next none of its machines.
afterEach(() => host.run(['down']))
after(() => host.remove())

async function says(words: readonly string[], exitCode: number, wanted: RegExp): Promise<void> {
  const ended = await host.run(words)
  assert.equal(ended.exitCode, exitCode, `${words.join(' ')}: ${ended.output}`)
  assert.match(ended.output, wanted, words.join(' '))
}

/** Starts a command that goes on for longer than the test, and waits until it does. */
async function startsSleeping() {
  const started = host.start(['exec', 'left', '--', 'sh', '-c', 'echo on; exec sleep 1000'])
  await once(started.child.stdout ?? process.stdin, 'data')
  return started
}

test('a student does steps, is wrong, is told so, mends it, cuts a cable and ends the lab', async () => {
  const before = host.look()
  await says(['up', lab], 0, /left.* up after .*\n(.*\n)*none of 3 steps is done/)
  await says(['up', lab], 2, /it is up already/)
  await says(['ps'], 0, /\/default {2}up since .*\(left, right\)/)
  await says(['do'], 0, /left\$ ip addr add 10\.0\.0\.1/)
  await says(
    ['exec', 'right', '--', 'sh', '-c', 'ip addr add 10.0.1.2/24 dev eth1; ip link set eth1 up; exit 7'],
    7,
    /^$/,
  )
  await says(['do', '--by-hand'], 0, /the last: right/)
  await says(['verify'], 1, /wanted {2}left reaches right\n +found/)
  await says(['exec', 'right', 'ip', 'addr', 'add', '10.0.0.2/24', 'dev', 'eth1'], 0, /^$/)
  await says(['verify'], 0, /✓ left reaches right/)
  await says(['event', 'link left:eth1 down'], 0, /\* link left:eth1 down/)
  await says(['inspect'], 0, /left:eth1 .*right:eth1 .*: cut at left:eth1/)
  await says(['verify'], 1, /✗ left reaches right/)
  await says(['event', 'link', 'right:eth1', 'up'], 0, /link right:eth1 up/)
  await says(['verify'], 0, /✓ left reaches right/)
  await says(['event', 'machine right crashed'], 0, /machine right crashed/)
  await says(['exec', 'right', 'true'], 3, /cannot use machine right: it is crashed/)
  await says(['down'], 0, /ended left, right/)
  await host.nothingRuns()
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('two ask at once, and one who leaves leaves the lab sane', async () => {
  const before = host.look()
  await says(['up', lab, '--until', 'r'], 0, /the last: right/)
  const capture = host.start(['pcap', 'left:eth1'])
  const [header] = await once(capture.child.stdout ?? process.stdin, 'data')
  assert.deepEqual(header.subarray(0, 4), Buffer.from('d4c3b2a1', 'hex'))
  const [interrupted, killed] = [await startsSleeping(), await startsSleeping()]
  const both = await Promise.all([host.run(['verify']), host.run(['exec', 'left', 'ping', '-c', '3', '10.0.0.2'])])
  for (const { exitCode, output } of both) assert.equal(exitCode, 0, output)
  for (const { child } of [capture, interrupted]) child.kill('SIGINT')
  assert.equal((await interrupted.ended).exitCode, 130)
  assert.equal((await capture.ended).exitCode, 130)
  killed.child.kill('SIGKILL')
  await says(['exec', 'left', '--', 'sh', '-c', 'while pgrep -x sleep; do :; done >&2; echo none'], 0, /none\n$/)
  await says(['down'], 0, /ended/)
  await host.nothingRuns()
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('of a session that is killed nothing runs, and its folder is removed', async () => {
  const before = host.look()
  await says(['up', lab], 0, /none of 3 steps is done/)
  const holder = host.look().processes.find((line) => line.startsWith('process node'))
  process.kill(Number(holder?.split(' ').at(-1)), 'SIGKILL')
  await host.nothingRuns()
  await says(['do'], 2, /none is/)
  await says(['ps'], 0, /No machines are kept/)
  await says(['down'], 0, /removed what \d crashed runs had left/)
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('a mistake is made in secret, found and mended, and nothing tells of it before', async () => {
  const before = host.look()
  const broken = await host.run(['break', 'bridge-veth', '--level', '2', '--seed', '1'])
  assert.equal(broken.exitCode, 0, broken.output)
  assert.match(broken.output, /Something is wrong here.*\n(.*\n)*.*break bridge-veth -- --level 2 --seed 1\n/)
  const told = [
    broken.output,
    ...(await Promise.all([['ps'], ['inspect']].map((words) => host.run(words)))).map(({ output }) => output),
  ]
  const processes = host.look().processes.map((line) => readFileSync(`/proc/${line.split(' ').at(-1)}/cmdline`, 'utf8'))
  for (const text of [...told, ...processes]) assert.doesNotMatch(text, /plugged into nothing|veth1 up$/m)
  await says(['do'], 2, /something is wrong that is to be found/)
  await says(['verify'], 1, /✗ (.*\n)*Something is wrong here/)
  await says(['hint'], 0, /^One of the containers.*\n.*hint tells more\n$/)
  await says(['hint'], 0, /"bridge link" tells.*\n.*solution tells what is wrong\n$/)
  await says(['solution'], 0, /no port of bridge0\.\n {2}host\$ ip link set veth1 master bridge0\n$/)
  await says(['exec', 'host', 'ip', 'link', 'set', 'veth1', 'master', 'bridge0'], 0, /^$/)
  await says(['verify'], 0, /It is mended/)
  await says(['down'], 0, /ended host/)
  await host.nothingRuns()
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('panes in machines that a run has kept are refused, with what there is in their place', async () => {
  const before = host.look()
  await says(['run', lab, '--keep', '--results', join(host.folder, 'kept')], 0, /./)
  const panes = openTerminal(host, ['shell', lab, '--tmux'])
  await panes.sees(/cannot open a pane for each node: the machines of .* were kept by a run/, /shell .* NODE gives/)
  assert.equal(await panes.ended, 2)
  await says(['down'], 0, /ended/)
  assert.deepEqual(whatIsNew(before, host.look()), [])
})

test('of a lab that is not yet broken when whoever asks leaves, nothing is left', async () => {
  const before = host.look()
  const { child, ended } = host.start(['break', 'bridge-veth'])
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes('up after') && resolve())
  })
  child.kill('SIGINT')
  assert.equal((await ended).exitCode, 130)
  await host.nothingRuns()
  assert.deepEqual(whatIsNew(before, host.look()), [])
})
