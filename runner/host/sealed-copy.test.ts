import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { beginSealedCopy, sealedCopy } from './sealed-copy.ts'

test('a copy holds what the file held, with its holes, and cannot be written to', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-sealed-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'file')
  writeFileSync(path, 'a'.repeat(5000))
  truncateSync(path, 50 * 1024 ** 2)
  const copy = await sealedCopy(path)
  t.teardown(() => closeSync(copy))
  const mine = `/proc/self/fd/${copy}`
  t.true(readFileSync(mine).equals(readFileSync(path)))
  t.true(statSync(mine).blocks * 512 < 1024 ** 2)
  writeFileSync(path, 'changed')
  t.is(readFileSync(mine, 'latin1').slice(0, 3), 'aaa')
  const writable = openSync(mine, 'r+')
  t.teardown(() => closeSync(writable))
  t.throws(() => writeFileSync(writable, 'b'), { code: 'EPERM' })
  t.throws(() => truncateSync(mine, 0), { code: 'EPERM' })
})

test('a copy that is not sealed yet has its size, so that it can be mapped', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-sealed-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'file')
  writeFileSync(path, 'a'.repeat(5000))
  truncateSync(path, 50 * 1024 ** 2)
  const { descriptor, sealed } = await beginSealedCopy(path)
  t.teardown(() => closeSync(descriptor))
  t.is(statSync(`/proc/self/fd/${descriptor}`).size, 50 * 1024 ** 2)
  await sealed
  t.true(readFileSync(`/proc/self/fd/${descriptor}`).equals(readFileSync(path)))
})

test('a file that is not there is named', async (t) => {
  await t.throwsAsync(sealedCopy('/no/such/file'), {
    message: 'cannot hold /no/such/file in memory: No such file or directory',
  })
})
