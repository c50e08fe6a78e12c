import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { isLocked, tryLock } from './folder-lock.ts'

const place = mkdtempSync(join(tmpdir(), 'wirelab-lock-'))
test.after.always(() => rmSync(place, { recursive: true, force: true }))

test('a lock is one process’s, until it closes the descriptor', (t) => {
  const descriptor = tryLock(place)
  t.true(isLocked(place))
  t.is(tryLock(place), undefined)
  closeSync(descriptor ?? -1)
  t.false(isLocked(place))
})

test('whoever inherits the descriptor has the lock as long as it lives, and nobody else has', async (t) => {
  const folder = join(place, 'inherited')
  mkdirSync(folder)
  const descriptor = tryLock(folder)
  const heir = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', 'ignore', descriptor ?? -1] })
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => other.kill())
  closeSync(descriptor ?? -1)
  t.true(isLocked(folder))
  heir.kill('SIGKILL')
  await once(heir, 'exit')
  t.false(isLocked(folder))
})

test('what is gone is not locked, and can’t be', (t) => {
  t.false(isLocked(join(place, 'absent')))
  t.is(tryLock(join(place, 'absent')), undefined)
})
