import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { snapshotHost, whatIsNew } from './host-snapshot.ts'

test('what marked processes leave is seen, each thing once: processes, sockets, files, ports', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-snapshot-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const mark = `WIRELAB_SNAPSHOT=${folder}`
  const look = () => snapshotHost({ mark, folders: [folder] })
  const before = look()
  const script = `
    const { createServer } = require('node:net')
    createServer().listen(${JSON.stringify(join(folder, 'socket'))}, () =>
      createServer().listen(0, '127.0.0.1', () => process.stdout.write('ready')))`
  const child = spawn(process.execPath, ['--eval', script], {
    env: { ...process.env, WIRELAB_SNAPSHOT: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const found = whatIsNew(before, look())
  t.deepEqual(
    found.map((line) => line.replace(/:[0-9A-F]{4}$/, ':PORT')),
    [
      `file ${join(folder, 'socket')}`,
      'port 0100007F:PORT',
      `process node ${child.pid}`,
      `socket ${join(folder, 'socket')}`,
    ],
  )
  child.kill('SIGKILL')
  await ended
  t.deepEqual(whatIsNew(before, look()), [`file ${join(folder, 'socket')}`])
})
