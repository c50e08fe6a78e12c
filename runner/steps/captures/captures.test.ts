import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { roomOf } from '../../host/room.ts'
import type { FakeAnswer } from '../../providers/fake/fake-provider.ts'
import type { CommandResult, Machine } from '../../providers/provider.ts'
import { writeFolder } from '../../testing/test-labs.ts'
import { labWith, runTest } from '../../testing/test-run.ts'
import { nodesOf } from '../nodes.ts'
import { startCapture } from './captures.ts'

const onNic = labWith(`  - name: s
    capture: { c: { nic: "a:eth1" } }
    expect: [{ frames: { in: c, filter: arp, count: 0 } }]`)
const report = (captured: number, dropped = 0) =>
  `tcpdump: ${captured} packets captured, ${captured + dropped} packets received by filter, ${dropped} packets dropped by kernel\n`
const listening = { stderr: 'tcpdump: listening on eth1\n', stays: true, reports: [report(0)] }
const never = { afterMs: 100_000 }
/** No frame that a filter accepts, and three in all. */
const counted = (command: string) => ({
  stdout: command.includes('arp') ? '0 packets\n1.5 many\n1.5 lines\n' : '3 packets\n',
})

/** How long a run of the lab takes to end when it is aborted as soon as a command begins. */
async function endsAfter(command: RegExp, answer: (command: string) => FakeAnswer | undefined): Promise<number> {
  const abort = new AbortController()
  let abortedMs = Number.NaN
  const interrupt = () => {
    abortedMs = performance.now()
    abort.abort(new Error('interrupted'))
  }
  const run = runTest(
    onNic,
    {
      answer(_machine, asked) {
        if (command.test(asked)) setTimeout(interrupt, 20)
        return answer(asked)
      },
    },
    { signal: abort.signal },
  )
  await run.catch(() => {})
  return performance.now() - abortedMs
}

/** What becomes of the claim on the capture. `reports` are tcpdump's, one for each time that it is asked. */
async function foundWith(
  answer: (command: string) => FakeAnswer | undefined,
  lab = onNic,
): Promise<{ readonly outcome: string | undefined; readonly found: string; readonly saved: unknown }> {
  const { cases, events } = await runTest(lab, { answer: (_machine, command) => answer(command) })
  const saved = events.find(({ type }) => type === 'capture-saved')
  return { outcome: cases[0]?.outcome, found: cases[0]?.found ?? '', saved }
}

test('frames are counted by tcpdump, not by the lines that it prints', async (t) => {
  const { outcome, found } = await foundWith((command) => {
    if (command.includes('tcpdump -i')) return { ...listening, reports: [report(1)] }
    return command.includes('--count') ? counted(command) : undefined
  })
  t.is(outcome, 'passed', found)
})

test('what is not in the file yet is waited for', async (t) => {
  const behind = 'tcpdump: 1 packet captured, 5 packets received by filter, 0 packets dropped by kernel\n'
  let asked = 0
  const { outcome, found } = await foundWith((command) => {
    if (command.includes('tcpdump -i'))
      return { ...listening, reports: [behind, behind, report(5)], onReport: () => asked++ }
    if (command.includes('--count')) return asked < 3 ? { stdout: '9 packets\n' } : counted(command)
    return undefined
  })
  t.is(outcome, 'passed', found)
})

/** How often the file of a capture was read until the claim was settled. */
async function readingsWith(reports: readonly string[], count: (readings: number) => string, more = '') {
  let readings = 0
  const lab = labWith(`  - name: s
    capture: { c: { nic: "a:eth1" } }
    expect: [{ frames: { in: c, filter: arp, at-least: 1, within: 2s${more} } }]`)
  const { outcome } = await foundWith((command) => {
    if (command.includes('tcpdump -i')) return { ...listening, reports }
    return command.includes('--count') ? { stdout: count(++readings) } : undefined
  }, lab)
  return { outcome, readings }
}

test('the file of a capture is read again only when there is more in it', async (t) => {
  const none = () => '0 packets\n'
  t.deepEqual(await readingsWith([report(3)], none), { outcome: 'failed', readings: 1 })
  t.deepEqual(await readingsWith([report(3), report(3), report(4)], none), { outcome: 'failed', readings: 2 })
  const last = (readings: number) => (readings < 2 ? '0 packets\n' : '1 packet\n1.5 frame\n')
  t.deepEqual(await readingsWith([report(3), report(3), report(4)], last), { outcome: 'passed', readings: 2 })
})

test('the file of a capture is read again after frames were lost, and when it could not be read', async (t) => {
  const none = () => '0 packets\n'
  t.deepEqual(await readingsWith([report(3), report(3, 1)], none), { outcome: 'error', readings: 2 })
  const later = (readings: number) => (readings < 3 ? 'tcpdump: what?\n' : '1 packet\n1.5 frame\n')
  t.deepEqual(await readingsWith([report(3)], later), { outcome: 'passed', readings: 3 })
})

test('a capture that lost frames tells nothing, and how many it lost', async (t) => {
  const { outcome, found } = await foundWith((command) => {
    if (command.includes('tcpdump -i')) return { ...listening, reports: [report(3, 7)] }
    return command.includes('--count') ? { stdout: '0 packets\n' } : undefined
  })
  t.is(outcome, 'error')
  t.regex(found, /lost 7 frames/)
})

test('a capture whose tcpdump died tells nothing', async (t) => {
  const dying = labWith(`  - name: s
    on: a
    capture: { c: { nic: "a:eth1" } }
    run: pkill tcpdump
    expect: [{ frames: { in: c, filter: arp, count: 0 } }]`)
  const { outcome, found } = await foundWith((command) => {
    if (command.includes('tcpdump -i')) return listening
    return command.includes('--count') ? { stdout: '0 packets\n' } : undefined
  }, dying)
  t.is(outcome, 'error')
  t.regex(found, /tcpdump ended with exit code 130/)
})

const late = labWith(`  - name: s
    on: a
    capture: { c: { nic: "a:eth9" } }
    run: ip link set eth9 up
    expect: [{ frames: { in: c, filter: arp, count: 0 } }]`)

test('a capture begins when its interface comes up', async (t) => {
  const { outcome, found } = await foundWith((command) => {
    if (command.startsWith('tcpdump -i')) return { exitCode: 1, stderr: 'tcpdump: eth9: That device is not up\n' }
    if (command.includes('tcpdump -i')) return { ...listening, stdout: 'waiting\n', reports: [report(0)] }
    if (command.startsWith('cat /sys')) return { stdout: '0x1003\n' }
    return command.includes('--count') ? counted(command) : undefined
  }, late)
  t.is(outcome, 'passed', found)
})

test('a capture whose interface never comes up makes its claims and its step errors', async (t) => {
  const { events, cases } = await runTest(late, {
    answer(_machine, command) {
      if (command.startsWith('tcpdump -i')) return { exitCode: 1, stderr: 'tcpdump: eth9: No such device exists\n' }
      return command.includes('tcpdump -i') ? { stdout: 'waiting\n', stays: true } : undefined
    },
  })
  t.like(cases[0], { outcome: 'error', found: 'c could not be read: it has not begun: a:eth9 is not up' })
  const step = events.find((event) => event.type === 'step-finished')
  t.like(step, { outcome: 'error', message: 'cannot capture c at a:eth9: the interface never came up' })
})

test('what keeps tcpdump from an interface that is up is an error of the step', async (t) => {
  const { events } = await runTest(late, {
    answer: (_machine, command) =>
      command.startsWith('tcpdump -i') ? { exitCode: 1, stderr: 'tcpdump: no permission\n' } : undefined,
  })
  const step = events.find((event) => event.type === 'step-finished')
  t.like(step, { outcome: 'error', message: 'cannot capture on a:eth9: tcpdump: no permission' })
})

test('an abort ends the wait for a capture in a node to begin', async (t) => {
  t.true((await endsAfter(/tcpdump -i/, () => ({ stays: true }))) < 2000)
})

test('an abort ends the look into a capture that runs', async (t) => {
  const answer = (command: string) => (command.includes('tcpdump -i') ? listening : never)
  t.true((await endsAfter(/tcpdump .* -r/, answer)) < 2000)
})

test('an abort ends the fetching of a capture', async (t) => {
  const answer = (command: string) =>
    command.startsWith('head') ? never : command.includes('tcpdump -i') ? listening : { stdout: '' }
  t.true((await endsAfter(/^head/, answer)) < 2000)
})

test('an abort ends the wait for tcpdump to end, and for a cable that says nothing', async (t) => {
  const abort = new AbortController()
  const limits = { room: roomOf(), signal: abort.signal }
  const machine: Machine = {
    name: 'a',
    run: () => new Promise(() => {}),
    start(_argv, { onOutput }) {
      setTimeout(() => onOutput?.('stderr', Buffer.from('listening on eth1')))
      return { ended: new Promise(() => {}), signal() {}, addInput() {}, endInput() {} }
    },
    call: async () => '',
    interact: async () => 0,
  }
  const testbed = { captureCable: () => new Promise<never>(() => {}), machine: () => machine, absence: () => undefined }
  const nodes = nodesOf({ nodes: [{ name: 'a' }] }, testbed, abort.signal)
  const file = join(writeFolder({}), 'c.pcap')
  const capture = { name: 'c', node: 'a', nic: 'eth1' }
  const inNode = await startCapture({ ...capture, where: 'nic' }, file, testbed, nodes, limits)
  const waits = [inNode.end(), startCapture({ ...capture, where: 'cable' }, file, testbed, nodes, limits)]
  const startedMs = performance.now()
  setTimeout(() => abort.abort(new Error('interrupted')), 20)
  for (const wait of waits) await t.throwsAsync(wait, { message: 'interrupted' })
  t.true(performance.now() - startedMs < 2000)
})

/** A pcap file's header, and frames of 60 bytes behind it. */
function pcapOf(frames: number): Buffer {
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')
  const record = Buffer.alloc(76)
  for (const at of [8, 12]) record.writeUInt32LE(60, at)
  return Buffer.concat([header, ...Array<Buffer>(frames).fill(record)])
}

test('a capture on a cable ends when there is no room for more, and knows that it was cut', async (t) => {
  const file = join(writeFolder({}), 'c.pcap')
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  const storm = setInterval(() => appendFileSync(file, Buffer.alloc(7600)), 5)
  writeFileSync(file, pcapOf(100))
  const testbed = {
    machine: () => t.fail() as never,
    absence: () => undefined,
    captureCable: async () => ({
      settle: () => t.fail() as never,
      async end() {
        clearInterval(storm)
        end()
      },
      isCut: () => false,
    }),
  }
  const nodes = nodesOf({ nodes: [{ name: 'a' }] }, testbed, new AbortController().signal)
  const capture = await startCapture({ name: 'c', node: 'a', nic: 'eth1', where: 'cable' }, file, testbed, nodes, {
    room: roomOf(400_000),
    signal: new AbortController().signal,
  })
  await over
  writeFileSync(file, pcapOf(2000))
  t.like(await capture.frames(''), { frames: 2000, cut: true })
  t.is(await capture.end(), 'kept')
  t.like(await capture.count(), { frames: 2000, cut: true })
})

test('of a cable only those frames are read that have the time of the host, whatever is written meanwhile', async (t) => {
  const file = join(writeFolder({}), 'c.pcap')
  writeFileSync(file, pcapOf(100))
  const { signal } = new AbortController()
  const testbed = {
    machine: () => t.fail() as never,
    absence: () => undefined,
    captureCable: async () => ({
      async settle() {
        const { size } = statSync(file)
        appendFileSync(file, pcapOf(50).subarray(24))
        return size
      },
      end: async () => {},
      isCut: () => false,
    }),
  }
  const nodes = nodesOf({ nodes: [{ name: 'a' }] }, testbed, signal)
  const declaration = { name: 'c', node: 'a', nic: 'eth1', where: 'cable' } as const
  const capture = await startCapture(declaration, file, testbed, nodes, { room: roomOf(), signal })
  const answer = await capture.frames('')
  t.like(answer, { frames: 100, exitCode: 0 })
  t.is(answer.stdout.trim().split('\n').length, 20)
  t.like(await capture.frames('arp'), { frames: 0 })
  t.like(await capture.frames(''), { frames: 200 })
  await capture.end()
  t.like(await capture.frames(''), { frames: 250 })
})

test('of a capture in a node that is too long the beginning is fetched, as whole frames', async (t) => {
  const asked: string[] = []
  const signal = new AbortController().signal
  const all = pcapOf(1_000_000)
  const machine: Machine = {
    name: 'a',
    async run(argv, { onOutput }) {
      asked.push(argv.slice(0, 3).join(' '))
      onOutput?.('stdout', all)
      return { exitCode: 0, stdout: '', stderr: '', cut: true, timedOut: false, durationMs: 1 }
    },
    start(_argv, { onOutput }) {
      const { promise: ended, resolve } = Promise.withResolvers<CommandResult>()
      setTimeout(() => onOutput?.('stderr', Buffer.from('listening on eth1\n')))
      const signalled = (name: string) => {
        onOutput?.('stderr', Buffer.from(report(5)))
        if (name === 'INT') resolve({ exitCode: 0, stdout: '', stderr: '', cut: false, timedOut: false, durationMs: 1 })
      }
      return { ended, signal: signalled, addInput() {}, endInput() {} }
    },
    call: async () => '',
    interact: async () => 0,
  }
  const testbed = { captureCable: () => new Promise<never>(() => {}), machine: () => machine, absence: () => undefined }
  const file = join(writeFolder({}), 'c.pcap')
  const declaration = { name: 'c', node: 'a', nic: 'eth1', where: 'nic' } as const
  const nodes = nodesOf({ nodes: [{ name: 'a' }] }, testbed, signal)
  const capture = await startCapture(declaration, file, testbed, nodes, { room: roomOf(40_000), signal })
  t.is(await capture.end(), 'kept')
  t.deepEqual(asked, ['head -c 10001'])
  t.true(statSync(file).size <= 10_000)
  t.like(await capture.frames(''), { frames: Math.floor((10_000 - 24) / 76), cut: true, exitCode: 0 })
})

test('of a capture in a machine that the lab froze nothing is waited for, and nothing is kept', async (t) => {
  const lab = labWith(`  - { name: s, capture: { c: { nic: "a:eth1", until: t } } }
  - name: t
    id: t
    events: [{ machine: { node: a, state: frozen } }]
    expect: [{ frames: { in: c, filter: arp, count: 0 } }]`)
  const startedMs = performance.now()
  const { cases, events } = await runTest(lab, {
    answer: (_machine, command) => (command.includes('tcpdump -i') ? { ...listening, reports: [] } : undefined),
  })
  t.deepEqual(
    cases.map(({ outcome, found }) => [outcome, found]),
    [['error', 'cannot use machine a: it is frozen']],
  )
  t.like(
    events.findLast(({ type }) => type === 'scope-finished'),
    {
      message: 'step "t" broke: cannot end the capture on a:eth1: machine a is frozen',
    },
  )
  t.false(events.some(({ type }) => type === 'capture-saved'))
  t.true(performance.now() - startedMs < 10_000)
})
