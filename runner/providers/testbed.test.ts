import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { Variant } from '../lab/lab.ts'
import type { LabEvent, MachineEvent } from '../lab/lab-event.ts'
import { planRun } from '../plan.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { type FakeScript, fakeProvider } from './fake/fake-provider.ts'

const end = (node: string, nic: string) => ({ node, nic })

/** Two machines with a cable between them, whose NICs they set up, and a third with one that is plugged in later. */
const variant: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  links: [
    { endpoints: [end('a', 'eth1'), end('b', 'eth1')] },
    { endpoints: [end('b', 'eth2'), end('c', 'eth1')], unplugged: [end('c', 'eth1')] },
  ],
  steps: [],
  crashCases: [],
}

async function up(script: FakeScript = {}, signal = new AbortController().signal, of = variant) {
  const provider = fakeProvider(script)
  const deaths: string[] = []
  const testbed = await provider.bringUp(planRun('x', of), {
    logs: writeFolder({}),
    signal,
    onReady: () => {},
    onDeath: (machine, { reason, consoleTail }) => deaths.push(`${machine}: ${reason}, ${consoleTail}`),
  })
  const carriers = () => Object.fromEntries([...testbed.nics].map(([name, { carrier }]) => [name, carrier]))
  const silencesAt = (nic: string) => testbed.nics.get(nic)?.silences
  const machine = (node: string, state: MachineEvent['state']) => testbed.setMachine({ kind: 'machine', node, state })
  const link = (state: 'up' | 'down' | 'silent', direction: 'in' | 'out' | 'both' = 'both') =>
    testbed.setLink({ kind: 'link', endpoint: end('a', 'eth1'), state, direction })
  const nic = (node: string, name: string, state: 'plugged' | 'unplugged') =>
    testbed.setNic({ kind: 'nic', endpoint: end(node, name), state })
  const set = (node: string, name: string, state: 'up' | 'down') =>
    testbed.machine(node).run(['ip', 'link', 'set', name, state], run)
  for (const { node, nic: name } of [end('a', 'eth1'), end('b', 'eth1'), end('b', 'eth2')]) await set(node, name, 'up')
  return { provider, testbed, deaths, carriers, silencesAt, machine, link, nic, set }
}

const whole = { 'a:eth1': true, 'b:eth1': true, 'b:eth2': false }
const run = { timeoutMs: 1000 }

test('a cable that is cut has carrier at neither end, one that is mended at both', async (t) => {
  const { carriers, link } = await up()
  t.deepEqual(carriers(), whole)
  await link('down')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false, 'b:eth1': false })
  await link('up')
  t.deepEqual(carriers(), whole)
})

test('a NIC that its machine takes down takes the carrier from its neighbour, before the command is over', async (t) => {
  const { carriers, set, link, nic } = await up()
  await set('b', 'eth1', 'down')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false })
  await link('down')
  await set('b', 'eth1', 'up')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false, 'b:eth1': false }, 'the cable is cut')
  await set('b', 'eth1', 'down')
  await link('up')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false }, 'the cable is whole, and the NIC is down')
  await link('silent')
  await set('b', 'eth1', 'up')
  t.deepEqual(carriers(), whole)
  await nic('b', 'eth1', 'unplugged')
  await nic('b', 'eth1', 'plugged')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false }, 'it is another NIC to its machine, and not set up')
  await set('b', 'eth1', 'up')
  t.deepEqual(carriers(), whole)
})

test('a NIC has no carrier while its neighbour was not set up', async (t) => {
  const { carriers, set, nic } = await up()
  await nic('c', 'eth1', 'plugged')
  t.deepEqual(carriers(), { ...whole, 'c:eth1': true })
  await set('c', 'eth1', 'up')
  t.deepEqual(carriers(), { ...whole, 'b:eth2': true, 'c:eth1': true })
})

test('a carrier that could not follow is told when its machine is used, and keeps the neighbour from nothing', async (t) => {
  let refused = false
  const { machine, testbed, set } = await up({
    before: async (what) => {
      if (what === 'carrier a:eth1' && refused) throw new Error('cannot set it')
    },
  })
  refused = true
  t.like(await set('b', 'eth1', 'down'), { exitCode: 0 })
  await t.throwsAsync(testbed.machine('a').run(['true'], run), { message: 'cannot set it' })
  refused = false
  await machine('a', 'crashed')
  await machine('a', 'running')
  t.like(await testbed.machine('a').run(['true'], run), { exitCode: 0 })
})

test('machines that are left to themselves have a carrier on each whole cable', async (t) => {
  const { carriers, set, testbed } = await up()
  await set('b', 'eth1', 'down')
  await testbed.detach()
  t.deepEqual(carriers(), whole)
})

test('neighbours keep their carrier when a machine crashes, and lose it when its power is off', async (t) => {
  const { carriers, machine, set } = await up()
  await machine('b', 'crashed')
  t.deepEqual(carriers(), { 'a:eth1': true })
  await machine('b', 'running')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false })
  await set('b', 'eth1', 'up')
  t.deepEqual(carriers(), whole)
  await machine('b', 'stopped')
  t.deepEqual(carriers(), { 'a:eth1': false })
  await machine('b', 'running')
  await set('b', 'eth1', 'up')
  t.deepEqual(carriers(), whole)
  await set('b', 'eth1', 'down')
  await machine('b', 'crashed')
  t.deepEqual(carriers(), { 'a:eth1': false })
})

test('a cable that was cut while a machine was gone is cut when it comes back', async (t) => {
  const { carriers, machine, link } = await up()
  await machine('b', 'crashed')
  await link('down')
  await machine('b', 'running')
  t.deepEqual(carriers(), { ...whole, 'a:eth1': false, 'b:eth1': false })
})

test('a frozen machine keeps its carrier and loses its frames, until it goes on', async (t) => {
  const { carriers, silencesAt, machine } = await up()
  await machine('a', 'frozen')
  t.deepEqual(silencesAt('a:eth1'), ['both'])
  t.deepEqual(carriers(), whole)
  await machine('a', 'running')
  t.deepEqual(silencesAt('a:eth1'), [])
})

test('a silent end stays silent when its machine starts anew, and while it is frozen and goes on', async (t) => {
  const { silencesAt, machine, link } = await up()
  await link('silent', 'in')
  t.deepEqual(silencesAt('a:eth1'), ['in'])
  await machine('a', 'frozen')
  await machine('a', 'running')
  t.deepEqual(silencesAt('a:eth1'), ['in'])
  await machine('a', 'crashed')
  t.is(silencesAt('a:eth1'), undefined)
  await machine('a', 'running')
  t.deepEqual(silencesAt('a:eth1'), ['in'])
  await link('up')
  t.deepEqual(silencesAt('a:eth1'), [])
})

test('a NIC that is plugged in gives both ends carrier, and takes it away when it is pulled out', async (t) => {
  const { carriers, nic, set } = await up()
  await nic('c', 'eth1', 'plugged')
  await set('c', 'eth1', 'up')
  t.deepEqual(carriers(), { ...whole, 'b:eth2': true, 'c:eth1': true })
  await nic('c', 'eth1', 'unplugged')
  t.deepEqual(carriers(), whole)
})

test('a NIC cannot be plugged in twice, pulled out twice, or where no cable ends', async (t) => {
  const { machine, nic } = await up()
  await t.throwsAsync(nic('a', 'eth1', 'plugged'), { message: 'cannot plug a:eth1 in: it is in already' })
  await t.throwsAsync(nic('c', 'eth1', 'unplugged'), { message: 'cannot unplug c:eth1: it is not in the machine' })
  await t.throwsAsync(nic('a', 'eth9', 'plugged'), { message: 'cannot find a:eth9: no cable ends there' })
  await machine('c', 'crashed')
  await t.throwsAsync(nic('c', 'eth1', 'plugged'), { message: 'cannot use machine c: it is crashed' })
})

test('what was plugged in stays so when its machine starts anew', async (t) => {
  const { carriers, machine, nic, set } = await up()
  await nic('c', 'eth1', 'plugged')
  await nic('b', 'eth1', 'unplugged')
  await machine('c', 'crashed')
  await machine('c', 'running')
  await set('c', 'eth1', 'up')
  t.deepEqual(carriers(), { 'a:eth1': false, 'b:eth2': true, 'c:eth1': true })
})

test('a machine cannot change into a state that it is in, or that its end keeps it from', async (t) => {
  const { machine } = await up()
  await t.throwsAsync(machine('a', 'running'), { message: 'cannot start machine a: it runs' })
  await machine('a', 'frozen')
  for (const state of ['frozen', 'stopped'] as const)
    await t.throwsAsync(machine('a', state), { message: `cannot let machine a be ${state}: it is frozen` })
  await machine('a', 'crashed')
  for (const state of ['crashed', 'stopped', 'frozen'] as const)
    await t.throwsAsync(machine('a', state), { message: `cannot let machine a be ${state}: it is crashed` })
  await t.throwsAsync(machine('d', 'crashed'), { message: /cannot find machine d/ })
})

test('a machine that does not run cannot be used, and can again when it has started anew', async (t) => {
  const { testbed, machine, deaths } = await up()
  await machine('a', 'stopped')
  t.throws(() => testbed.machine('a'), { message: 'cannot use machine a: it is stopped' })
  t.throws(() => testbed.machine('d'), { message: /cannot find machine d/ })
  await t.throwsAsync(testbed.captureCable('a:eth1', join(writeFolder({}), 'file')), { message: /it is stopped/ })
  await machine('a', 'running')
  t.is((await testbed.machine('a').run(['true'], run)).exitCode, 0)
  t.deepEqual(deaths, [], 'an end that was asked for is no death')
})

test('a broken connection is explained by the death of its machine, which is reported once', async (t) => {
  const { testbed, deaths, machine } = await up({
    answer: (_machine, command) => (command === 'panic' ? { dies: 'it panicked' } : { stays: true }),
  })
  const [a, b] = [testbed.machine('a'), testbed.machine('b')]
  const broken = [t.throwsAsync(a.run(['panic'], run)), t.throwsAsync(a.run(['wait'], run))]
  const message = 'machine a died: it panicked\nlast lines of its console:\nthe last line of its console'
  for (const error of await Promise.all(broken)) t.is(error.message, message)
  t.deepEqual(deaths, ['a: it panicked, the last line of its console'])
  const meant = t.throwsAsync(b.run(['wait'], run), { message: /the connection to the machine ended/ })
  await machine('b', 'crashed')
  await meant
  t.is(deaths.length, 1)
})

test('a frozen machine that ends has died', async (t) => {
  const { testbed, deaths, machine } = await up({
    answer: (_machine, command) => (command === 'fall' ? { afterMs: 20, dies: 'it was killed' } : undefined),
  })
  const falling = testbed.machine('a').run(['fall'], run)
  await machine('a', 'frozen')
  await t.throwsAsync(falling, { message: /machine a died: it was killed/ })
  t.is(deaths.length, 1)
})

test('when all is torn down nothing has died and no NIC is left, however often it is done', async (t) => {
  const { testbed, deaths } = await up()
  await Promise.all([testbed.tearDown(), testbed.tearDown()])
  await testbed.tearDown()
  t.deepEqual([...testbed.nics.keys()], [])
  t.deepEqual(deaths, [])
})

test('a capture keeps a file at an end of a cable, and at nothing else', async (t) => {
  const { testbed, provider } = await up()
  const file = join(writeFolder({}), 'a.pcap')
  const capture = await testbed.captureCable('a:eth1', file)
  await capture.end()
  t.true(existsSync(file))
  t.deepEqual(provider.calls.slice(-2), ['capture a:eth1', 'end capture a:eth1'])
  await t.throwsAsync(testbed.captureCable('a:eth7', file), { message: /it is no end of a cable/ })
})

test('a capture learns that its machine stands still and goes on, and the machine gets the time that it missed', async (t) => {
  const { testbed, provider, machine } = await up()
  const [a, b] = [join(writeFolder({}), 'a.pcap'), join(writeFolder({}), 'b.pcap')]
  await testbed.captureCable('b:eth1', b)
  const capture = await testbed.captureCable('a:eth1', a)
  await machine('a', 'frozen')
  await machine('a', 'running')
  await capture.end()
  await machine('a', 'frozen')
  await machine('a', 'running')
  const calls = provider.calls.map((call) => call.replace(/-s 0\.\d{6} /, '-s SOME '))
  const date = calls.filter((call) => call.includes('date'))
  t.deepEqual(date.length, 2)
  t.regex(date[0] ?? '', /date -s '?SOME seconds/)
  t.deepEqual(
    calls.filter((call) => /still|go on/.test(call)),
    ['stand still a:eth1', 'go on a:eth1'],
  )
})

test('what a provider cannot do is said before it is tried', async (t) => {
  const { testbed } = await up({ noCaptures: 'QEMU may not write files' })
  t.is(testbed.noCaptures, 'QEMU may not write files')
  const event: LabEvent = { kind: 'nic', endpoint: end('a', 'eth1'), state: 'unplugged' }
  t.is(testbed.unsupported(event), undefined)
})

test('a machine that comes up again while all are being ended is ended too, before that is done', async (t) => {
  const { promise: mayStart, resolve: letStart } = Promise.withResolvers<void>()
  let starts = 0
  const { testbed, machine } = await up({
    before: (what) => (what === 'start a' && starts++ > 0 ? mayStart : undefined),
  })
  await machine('a', 'crashed')
  const anew = t.throwsAsync(machine('a', 'running'), { message: /being ended/ })
  const ended = testbed.tearDown()
  setTimeout(letStart, 50)
  await ended
  await anew
  t.deepEqual([...testbed.nics.keys()], [])
})

test('an end of a hub is cut, silent or without its machine alone', async (t) => {
  const hub = [{ endpoints: [end('a', 'eth1'), end('b', 'eth1'), end('c', 'eth1')], unplugged: [end('c', 'eth1')] }]
  const { carriers, link, machine, silencesAt } = await up({}, undefined, { ...variant, links: hub })
  t.deepEqual(carriers(), { 'a:eth1': true, 'b:eth1': true })
  await link('down')
  t.deepEqual(carriers(), { 'a:eth1': false, 'b:eth1': true })
  await link('up')
  await machine('b', 'stopped')
  t.deepEqual(carriers(), { 'a:eth1': true })
  await machine('b', 'running')
  await link('silent', 'in')
  t.deepEqual(carriers(), { 'a:eth1': true, 'b:eth1': true })
  t.deepEqual([silencesAt('a:eth1')?.length, silencesAt('b:eth1')?.length], [1, 0])
})

test('nobody sends to a machine before it has set its NIC up: a neighbour has no carrier, a port of a hub is closed', async (t) => {
  let atStart: unknown
  let look = (): unknown => undefined
  const links = [
    { endpoints: [end('a', 'eth1'), end('b', 'eth1'), end('c', 'eth1')], unplugged: [end('c', 'eth1')] },
    { endpoints: [end('a', 'eth2'), end('b', 'eth2')] },
  ]
  const before = async (what: string) => {
    if (what === 'start b') atStart = look()
  }
  const { testbed, carriers, machine, nic, set } = await up({ before }, undefined, { ...variant, links })
  look = () => [carriers()['a:eth2'], [...testbed.closedPorts]]
  t.deepEqual([...testbed.closedPorts], ['0-2'], 'it is not plugged in')
  await nic('c', 'eth1', 'plugged')
  t.deepEqual([...testbed.closedPorts], ['0-2'], 'it is not set up')
  await set('c', 'eth1', 'up')
  await set('a', 'eth2', 'up')
  await set('b', 'eth1', 'down')
  t.deepEqual([...testbed.closedPorts], ['0-1'])
  await set('b', 'eth1', 'up')
  await machine('b', 'crashed')
  t.deepEqual(look(), [true, []], 'as it left them')
  await machine('b', 'running')
  t.deepEqual(atStart, [false, ['0-1']], 'before it starts')
  await set('b', 'eth1', 'up')
  t.deepEqual([...testbed.closedPorts], [])
})

test('a port of a hub that cannot be closed keeps the machines from coming up', async (t) => {
  const links = [{ endpoints: [end('a', 'eth1'), end('b', 'eth1'), end('c', 'eth1')] }]
  const before = async (what: string) => {
    if (what === 'port 0-2') throw new Error('the hub is gone')
  }
  await t.throwsAsync(up({ before }, undefined, { ...variant, links }), { message: 'the hub is gone' })
})

test('machines and cables come back as they were saved, twice if need be, whatever happened since', async (t) => {
  const { provider, testbed, carriers, silencesAt, deaths, machine, link, nic, set } = await up()
  await nic('c', 'eth1', 'plugged')
  await set('c', 'eth1', 'up')
  await link('silent', 'out')
  const before = carriers()
  t.true(before['b:eth2'])
  const snapshot = await testbed.takeSnapshot(join(writeFolder({}), 'saved'))
  const stored = JSON.parse(JSON.stringify(snapshot))
  for (const spoil of [
    () => machine('a', 'crashed'),
    () => machine('a', 'frozen'),
    () => nic('c', 'eth1', 'unplugged'),
    () => set('c', 'eth1', 'down'),
    () => link('up'),
    () => link('down'),
  ]) {
    await spoil()
    await testbed.restoreSnapshot(stored)
    t.deepEqual(carriers(), before)
    t.deepEqual([silencesAt('a:eth1'), silencesAt('b:eth1')], [['out'], []])
    t.is(testbed.absence('a'), undefined)
    t.is((await testbed.machine('a').run(['true'], run)).exitCode, 0)
  }
  await link('up')
  t.deepEqual(silencesAt('a:eth1'), [])
  t.is(provider.calls.filter((call) => call.startsWith('restore a')).length, 6)
  t.deepEqual(deaths, [])
})

test('machines that are in no state for it are not saved, nothing is left of that, and they go on', async (t) => {
  const { testbed, machine } = await up()
  const folder = join(writeFolder({}), 'saved')
  const capture = await testbed.captureCable('a:eth1', join(writeFolder({}), 'x.pcap'))
  const refused = (message: RegExp) => t.throwsAsync(testbed.takeSnapshot(folder), { message, code: 'wrong-state' })
  await refused(/captured at a NIC of a$/)
  await capture.end()
  await machine('b', 'frozen')
  await refused(/b does not run/)
  await machine('b', 'running')
  const snapshot = await testbed.takeSnapshot(folder)
  await t.throwsAsync(testbed.takeSnapshot(folder), { code: 'EEXIST' })
  t.is(typeof snapshot.machines['a']?.bytes, 'number')
  t.is((await testbed.machine('a').run(['true'], run)).exitCode, 0)
})
