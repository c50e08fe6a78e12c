import { PassThrough } from 'node:stream'
import test from 'ava'
import { openQmp } from './qmp.ts'

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}\n'

/** A QEMU that answers each command by `answer`. */
function fakeQemu(answer: (command: { execute: string; id: number; arguments?: unknown }) => object[]) {
  const toRunner = new PassThrough()
  const fromRunner = new PassThrough()
  fromRunner.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      const command = JSON.parse(line)
      const replies = command.execute === 'qmp_capabilities' ? [{ return: {}, id: command.id }] : answer(command)
      for (const reply of replies) toRunner.write(`${JSON.stringify(reply)}\n`)
    }
  })
  toRunner.write(greeting)
  return { toRunner, fromRunner }
}

test('a command gives what QEMU returns, and answers find their commands in any order', async (t) => {
  const held: number[] = []
  const { toRunner, fromRunner } = fakeQemu(({ execute, id }) => {
    held.push(id)
    return execute === 'second' ? held.toReversed().map((each) => ({ return: `answer ${each}`, id: each })) : []
  })
  const qmp = await openQmp(toRunner, fromRunner)
  t.deepEqual(await Promise.all([qmp.execute('first'), qmp.execute('second')]), ['answer 2', 'answer 3'])
})

test("a refusal is thrown in QEMU's words", async (t) => {
  const { toRunner, fromRunner } = fakeQemu(({ id }) => [
    { error: { class: 'GenericError', desc: 'Device not found' }, id },
  ])
  const qmp = await openQmp(toRunner, fromRunner)
  await t.throwsAsync(qmp.execute('set_link', { name: 'x', up: false }), {
    message: 'cannot set_link in QEMU: Device not found',
  })
})

test('an event reaches who waits for it, also when it comes before the answer', async (t) => {
  const event = { event: 'MIGRATION', data: { status: 'completed' }, timestamp: { seconds: 1, microseconds: 2 } }
  const { toRunner, fromRunner } = fakeQemu(({ id }) => [{ event: 'STOP' }, event, { return: {}, id }])
  const qmp = await openQmp(toRunner, fromRunner)
  const waiting = qmp.waitFor(({ event: name }) => name === 'MIGRATION')
  await qmp.execute('migrate-incoming')
  t.deepEqual(await waiting, { event: 'MIGRATION', data: { status: 'completed' } })
})

test('when QEMU ends, every command and every wait fails', async (t) => {
  const { toRunner, fromRunner } = fakeQemu(() => [])
  const qmp = await openQmp(toRunner, fromRunner)
  const command = qmp.execute('stop')
  const wait = qmp.waitFor(() => true)
  toRunner.end()
  await t.throwsAsync(command, { message: 'cannot talk to QEMU: it ended' })
  await t.throwsAsync(wait, { message: 'cannot talk to QEMU: it ended' })
  await t.throwsAsync(qmp.execute('cont'), { message: 'cannot talk to QEMU: it ended' })
})

test('a wait that nobody comes back to fails shared when QEMU ends', async (t) => {
  const { toRunner, fromRunner } = fakeQemu(() => [])
  const qmp = await openQmp(toRunner, fromRunner)
  // AVA fails a file that leaves a rejection unhandled.
  qmp.waitFor(() => true)
  const command = qmp.execute('migrate-incoming')
  toRunner.end()
  await t.throwsAsync(command, { message: 'cannot talk to QEMU: it ended' })
})

test('a QEMU that ends before its greeting is no connection', async (t) => {
  const toRunner = new PassThrough()
  toRunner.end()
  await t.throwsAsync(openQmp(toRunner, new PassThrough()), { message: 'cannot talk to QEMU: it ended' })
})
