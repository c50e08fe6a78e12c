import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import test from 'ava'
import { WirelabError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { startOf } from '../host/process-identity.ts'
import type { FakeScript } from '../providers/fake/fake-provider.ts'
import { writeFolder } from '../testing/test-labs.ts'
import { openTestSession, threeSteps } from '../testing/test-session.ts'
import { ask, endSession } from './ask.ts'
import { socketOf } from './records.ts'
import { type Served, serve } from './serve.ts'

async function serveTest(script: FakeScript) {
  const { session, provider } = await openTestSession(threeSteps, script)
  const folder = writeFolder({})
  const served: Served = {
    ...{ lab: 'test/default', title: 'A test', opening: Promise.resolve(session) },
    stamp: (event) => ({ ...event, scope: 'test/default', at: 0 }) as RunEvent,
    hear: () => () => {},
    giveUp() {},
    async end() {
      await session.end()
      return ['a', 'b']
    },
  }
  const server = await serve(folder, served)
  return { folder, server, provider, session }
}

const signal = new AbortController().signal

test('steps are done for who asks, with the events of a run', async (t) => {
  const { folder, server } = await serveTest({})
  t.is(statSync(socketOf(folder)).mode & 0o777, 0o600)
  const events: string[] = []
  const done = await ask(folder, { ask: 'do' }, { signal, onEvent: ({ type }) => events.push(type) })
  t.like(done, { outcome: 'passed', steps: ['first'], progress: { done: 1 } })
  t.deepEqual(events, ['step-started', 'command-finished', 'step-finished'])
  server.close()
})

test('the network of a lab that is up is told with what befell its cables', async (t) => {
  const { folder, server } = await serveTest({ answer: () => ({ stdout: 'own\n[]\n\n\nend\n' }) })
  await ask(folder, { ask: 'event', words: 'link a:eth1 down' }, { signal })
  t.like(await ask(folder, { ask: 'network' }, { signal }), {
    topology: { nodes: [{ name: 'a' }, { name: 'b' }] },
    happened: [{ kind: 'link', state: 'down' }],
    machines: [{ name: 'a', namespaces: [{ name: '', interfaces: [] }] }, { name: 'b' }],
  })
  server.close()
})

test('a mistake comes back as what it is', async (t) => {
  const { folder, server } = await serveTest({})
  const error = await t.throwsAsync(ask(folder, { ask: 'event', words: 'lnik a:eth1 down' }, { signal }), {
    instanceOf: WirelabError,
  })
  t.like(error, { kind: 'usage', message: 'cannot make "lnik" happen: no event begins with this word' })
  t.regex(error.remedy ?? '', /did you mean "link"/)
  const node = await t.throwsAsync(ask(folder, { ask: 'exec', node: 'c', argv: ['true'] }, { signal }))
  t.is(node.message, 'cannot find node c: the lab has none of this name')
  server.close()
})

test('a command has its output apart and its exit code, and ends when its caller leaves', async (t) => {
  const { folder, server } = await serveTest({
    answer: (_machine, command) =>
      command === 'stay' ? { stdout: 'on', stays: true } : { stdout: 'out', stderr: 'err', exitCode: 7 },
  })
  const printed: string[] = []
  const onOutput = (stream: string, chunk: Buffer) => void printed.push(`${stream} ${chunk}`)
  const input = new PassThrough()
  t.deepEqual(await ask(folder, { ask: 'exec', node: 'a', argv: ['x'] }, { signal, onOutput, input }), { exitCode: 7 })
  t.deepEqual(printed.sort(), ['stderr err', 'stdout out'])
  const leaving = new AbortController()
  const staying = ask(
    folder,
    { ask: 'exec', node: 'a', argv: ['stay'] },
    { signal: leaving.signal, onOutput: () => leaving.abort(new Error('left')), input: new PassThrough() },
  )
  await t.throwsAsync(staying, { message: 'left' })
  server.close()
  await once(server, 'close')
})

test('a session that ends tells all who wait, and who comes later', async (t) => {
  const { folder, server } = await serveTest({
    answer: (_machine, command) => (command.includes('make it') ? { stays: true } : undefined),
  })
  const begun = Promise.withResolvers<void>()
  const doing = ask(folder, { ask: 'do' }, { signal, onEvent: () => begun.resolve() })
  await begun.promise
  const [ended] = await Promise.all([
    ask(folder, { ask: 'down' }, { signal }),
    t.throwsAsync(doing, { message: /session is being ended/ }),
  ])
  t.deepEqual(ended, { machines: ['a', 'b'], pid: process.pid })
  server.close()
  await t.throwsAsync(ask(folder, { ask: 'do' }, { signal }), { message: /the session of the lab has ended/ })
})

/** A session that says farewell, and whose process ends so many milliseconds later. */
async function sessionThatLingers(folder: string, lingersMs: number): Promise<number> {
  const script = `
    const server = require('node:net').createServer((socket) => {
      socket.end(JSON.stringify({ end: { machines: ['a'], pid: process.pid } }) + '\\n')
      setTimeout(() => process.exit(), ${lingersMs})
    })
    server.listen(process.argv[1], () => console.log('ready'))`
  const { pid = 0, stdout } = spawn(process.execPath, ['-e', script, socketOf(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(stdout, 'data')
  return pid
}

test('who ends a session goes on when its process has ended', async (t) => {
  const folder = writeFolder({})
  const pid = await sessionThatLingers(folder, 200)
  t.not(startOf(pid), '')
  t.deepEqual(await endSession(folder, signal), ['a'])
  t.is(startOf(pid), '')
})

test('who ends a session is told of its process when that does not end', async (t) => {
  const folder = writeFolder({})
  const pid = await sessionThatLingers(folder, 5000)
  t.teardown(() => process.kill(pid))
  await t.throwsAsync(endSession(folder, signal, 50), { message: new RegExp(`process ${pid} goes on`) })
})
