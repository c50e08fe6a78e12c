import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { executableOf, startOf } from './process-identity.ts'

test('a process is known by its number and when it started, until it is gone', async (t) => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  t.regex(startOf(pid), /^\d+$/)
  t.is(executableOf(process.pid), process.execPath)
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.is(startOf(pid), '')
  t.is(executableOf(pid), '')
})
