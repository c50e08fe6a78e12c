import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { makeRuntimeFolder, runtimeRoot, staleRuntimeFolders, startOf } from './runtime-folder.ts'

const place = mkdtempSync(join(tmpdir(), 'wl-'))
process.env['XDG_RUNTIME_DIR'] = place
test.after.always(() => rmSync(place, { recursive: true, force: true }))

test.serial(
  'a runtime folder is short enough for the names of sockets, and is gone with its root when removed',
  (t) => {
    const folder = makeRuntimeFolder()
    t.true(folder.path.startsWith(place))
    t.true(Buffer.byteLength(join(folder.path, 'cable99-0')) < 108)
    folder.remove()
    folder.remove()
    t.false(existsSync(runtimeRoot()))
  },
)

test.serial('a place with a long path is not used', (t) => {
  process.env['XDG_RUNTIME_DIR'] = join(place, 'x'.repeat(80))
  t.true(runtimeRoot().startsWith('/tmp/wirelab-'))
  process.env['XDG_RUNTIME_DIR'] = place
})

test.serial('what a runner that is gone left is stale, and the next one removes it', async (t) => {
  const folder = makeRuntimeFolder()
  const child = spawn('sleep', ['60'])
  t.not(startOf(child.pid ?? 0), '')
  folder.belongTo([child.pid ?? 0])
  t.deepEqual(staleRuntimeFolders(), [])
  const other = makeRuntimeFolder()
  t.true(existsSync(folder.path))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  t.is(startOf(child.pid ?? 0), '')
  t.deepEqual(staleRuntimeFolders(), [], 'this process still owns both')
  folder.remove()
  other.remove()
})
