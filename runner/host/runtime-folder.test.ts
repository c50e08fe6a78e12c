import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { asOtherUser, makeSharedFolder, noOtherUser } from '../testing/other-user.ts'
import {
  makeRuntimeFolder,
  removeStaleRuntimeFolders,
  runtimeFolders,
  runtimeRoots,
  staleRuntimeFolders,
} from './runtime-folder.ts'

const place = mkdtempSync(join(tmpdir(), 'wl-'))
const variables = { XDG_RUNTIME_DIR: join(place, 'run'), XDG_CACHE_HOME: join(place, 'cache') }
mkdirSync(variables.XDG_RUNTIME_DIR)
Object.assign(process.env, variables)
const { TMPDIR } = process.env
test.beforeEach(() => {
  Object.assign(process.env, variables)
  if (TMPDIR === undefined) delete process.env['TMPDIR']
})
test.after.always(() => rmSync(place, { recursive: true, force: true }))

const testAsRoot = noOtherUser ? test.serial.skip : test.serial

test.serial(
  'a runtime folder is short enough for the names of sockets, and is gone with its root when removed',
  (t) => {
    const folder = makeRuntimeFolder()
    t.true(folder.path.startsWith(variables.XDG_RUNTIME_DIR))
    t.true(Buffer.byteLength(join(folder.path, 'cable99-0')) < 108)
    folder.remove()
    folder.remove()
    t.false(existsSync(dirname(folder.path)))
  },
)

test.serial('a place with a long or relative path is not used', (t) => {
  for (const path of [join(place, 'x'.repeat(80)), 'here']) {
    process.env['XDG_RUNTIME_DIR'] = path
    t.true(runtimeRoots()[0]?.startsWith(join(tmpdir(), 'wirelab-runs-')))
  }
})

test.serial('what nobody has open any more is stale, and the next run removes it', async (t) => {
  const folder = makeRuntimeFolder()
  const script = `
    const { makeRuntimeFolder } = await import(${JSON.stringify(import.meta.resolve('./runtime-folder.ts'))})
    process.stdout.write(makeRuntimeFolder().path)
    setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [path] = await new Promise<string[]>((resolve) => other.stdout.once('data', (data) => resolve([String(data)])))
  t.deepEqual(runtimeFolders().sort(), [folder.path, path].sort())
  t.deepEqual(staleRuntimeFolders(), [])
  t.is(removeStaleRuntimeFolders(), 0)
  other.kill('SIGKILL')
  await new Promise((resolve) => other.once('exit', resolve))
  t.deepEqual(staleRuntimeFolders(), [path])
  makeRuntimeFolder().remove()
  t.deepEqual(runtimeFolders(), [folder.path])
  folder.remove()
})

test.serial('a run in a PID namespace where no other process is to be seen leaves the folders of living ones', (t) => {
  const folder = makeRuntimeFolder()
  const script = `
    const { makeRuntimeFolder, removeStaleRuntimeFolders } =
      await import(${JSON.stringify(import.meta.resolve('./runtime-folder.ts'))})
    makeRuntimeFolder().remove()
    process.exit(removeStaleRuntimeFolders())`
  const words = ['--pid', '--fork', '--mount-proc', process.execPath, '--input-type=module', '--eval', script]
  const unshare = process.getuid?.() === 0 ? ['unshare'] : ['unshare', '--map-current-user']
  const child = spawn(unshare[0] ?? '', [...unshare.slice(1), ...words], { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise<void>((resolve) =>
    child.once('exit', (code) => {
      t.is(code, 0)
      t.true(existsSync(folder.path))
      folder.remove()
      resolve()
    }),
  )
})

test.serial('without a temporary folder the next best place is used', (t) => {
  process.env['XDG_RUNTIME_DIR'] = join(place, 'absent')
  process.env['TMPDIR'] = join(place, 'absent')
  const folder = makeRuntimeFolder()
  t.true(existsSync(folder.path))
  t.false(existsSync(join(place, 'absent')))
  folder.remove()
})

testAsRoot('where another user stands in the way, folders are in the cache, and are found there', (t) => {
  for (const trap of ['folder', 'link'] as const) {
    const shared = makeSharedFolder()
    const victim = join(place, trap)
    mkdirSync(join(victim, 'precious'), { recursive: true })
    writeFileSync(join(victim, 'precious', 'kept.json'), '{}')
    process.env['XDG_RUNTIME_DIR'] = shared.path
    const root = join(shared.path, 'wirelab-runs-0')
    if (trap === 'folder') {
      asOtherUser('mkdir', root)
      asOtherUser('mkdir', join(root, 'r-1'))
      asOtherUser('ln', '-s', victim, join(root, 'r-2'))
    } else asOtherUser('ln', '-s', victim, root)
    const folder = makeRuntimeFolder()
    t.false(folder.path.startsWith(shared.path))
    t.true(runtimeFolders().includes(folder.path))
    t.false(runtimeFolders().some((path) => path.startsWith(shared.path)))
    removeStaleRuntimeFolders()
    t.true(existsSync(join(victim, 'precious', 'kept.json')))
    folder.remove()
    shared.remove()
  }
})

test.serial('a link within is no runtime folder, and what it leads to stays', (t) => {
  const folder = makeRuntimeFolder()
  mkdirSync(join(place, 'victim'))
  symlinkSync(join(place, 'victim'), join(dirname(folder.path), 'r-link'))
  t.is(removeStaleRuntimeFolders(), 0)
  t.deepEqual(runtimeFolders(), [folder.path])
  t.true(existsSync(join(place, 'victim')))
  folder.remove()
})
