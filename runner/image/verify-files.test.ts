import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { digestFile, verifyFiles } from './verify-files.ts'

async function folderWith(t: ExecutionContext, contents: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-verify-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const files: Record<string, { bytes: number; sha256: string }> = {}
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content)
    files[name] = await digestFile(join(folder, name))
  }
  return { folder, files }
}

test('whole files are verified, and the verification is remembered', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root', kernel: 'kernel' })
  t.deepEqual(await verifyFiles(folder, files, 'quick'), [])
  t.deepEqual(Object.keys(JSON.parse(await readFile(join(folder, 'verified.json'), 'utf8'))).sort(), ['kernel', 'root'])
  t.deepEqual(await verifyFiles(folder, files, 'quick'), [])
})

test('a quick look does not read files that have not changed', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root' })
  await verifyFiles(folder, files, 'full')
  const impossible = { root: { bytes: 4, sha256: 'of something else' } }
  t.deepEqual(await verifyFiles(folder, impossible, 'quick'), [])
  t.deepEqual(await verifyFiles(folder, impossible, 'full'), [{ name: 'root', problem: 'its SHA-256 differs' }])
})

test('a file of the same size and time but with another content is noticed', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root', kernel: 'kernel' })
  await verifyFiles(folder, files, 'full')
  const { atime, mtime } = await stat(join(folder, 'root'))
  await writeFile(join(folder, 'root'), 'ruin')
  await utimes(join(folder, 'root'), atime, mtime)
  t.deepEqual(await verifyFiles(folder, files, 'quick'), [{ name: 'root', problem: 'its SHA-256 differs' }])
})

test('a file that is missing or cut short is named with what is wrong', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root', kernel: 'kernel' })
  await verifyFiles(folder, files, 'full')
  await rm(join(folder, 'root'))
  await writeFile(join(folder, 'kernel'), 'ker')
  t.deepEqual(await verifyFiles(folder, files, 'quick'), [
    { name: 'root', problem: 'it is missing' },
    { name: 'kernel', problem: 'it has 3 bytes instead of 6' },
  ])
})

test('a file that was only touched is read again and found whole', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root' })
  await verifyFiles(folder, files, 'full')
  await utimes(join(folder, 'root'), 1, 1)
  t.deepEqual(await verifyFiles(folder, files, 'quick'), [])
})

test('a broken memory of verifications only means that files are read', async (t) => {
  const { folder, files } = await folderWith(t, { root: 'root' })
  for (const text of ['', 'null', '[1', '{"root": {}}']) {
    await writeFile(join(folder, 'verified.json'), text)
    t.deepEqual(await verifyFiles(folder, files, 'quick'), [])
  }
})
