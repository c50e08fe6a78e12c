import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { asOtherUser, makeSharedFolder, noOtherUser, otherUid } from '../testing/other-user.ts'

const main = join(import.meta.dirname, 'main.ts')

/** A place for a cache, in which set-up has made it unless `isBare`. */
function makePlace(t: ExecutionContext, isBare = false) {
  const place = mkdtempSync(join(tmpdir(), 'wirelab-compiled-'))
  t.teardown(() => rmSync(place, { recursive: true, force: true }))
  const cache = join(place, 'wirelab')
  if (!isBare) mkdirSync(cache, { mode: 0o700 })
  return { place, compiled: join(cache, 'compiled') }
}

function list(place: string, more: NodeJS.ProcessEnv = {}) {
  const environment = { ...process.env, XDG_CACHE_HOME: place, ...more }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], { env: environment, encoding: 'utf8' })
  return { status, stderr, isWhole: /^bridge-veth .*\n/m.test(stdout) }
}

const fine = { status: 0, stderr: '', isWhole: true }

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

test('what a command compiles is kept in the cache, where this user alone can enter', (t) => {
  const { place, compiled } = makePlace(t)
  t.deepEqual(list(place), fine)
  t.is(statSync(compiled).mode & 0o777, 0o700)
  const kept = filesIn(compiled)
  t.true(kept.length > 5)
  t.deepEqual(list(place), fine)
  t.deepEqual(filesIn(compiled), kept)
})

test('where set-up has made no cache, a command makes none', (t) => {
  const { place } = makePlace(t, true)
  t.deepEqual(list(place), fine)
  t.deepEqual(readdirSync(place), [])
})

test('where bin/wirelab has them kept among the packages, they are kept nowhere else', (t) => {
  const { place, compiled } = makePlace(t)
  const kept = join(place, 'kept')
  t.deepEqual(list(place, { NODE_COMPILE_CACHE: kept }), fine)
  t.true(filesIn(kept).length > 5)
  t.false(existsSync(compiled))
  const script = readFileSync(join(import.meta.dirname, '../../bin/wirelab'), 'utf8')
  t.regex(script, /NODE_COMPILE_CACHE="\$package\/node_modules\/\S+"/)
})

test('damaged compiled files change nothing', (t) => {
  const { place, compiled } = makePlace(t)
  list(place)
  filesIn(compiled).forEach((file, index) => {
    if (index % 2 === 0) writeFileSync(file, 'no code')
    else truncateSync(file, Math.floor(statSync(file).size / 2))
  })
  t.deepEqual(list(place), fine)
})

test('a link, or a file, in place of the folder is not used', (t) => {
  const { place, compiled } = makePlace(t)
  const elsewhere = join(place, 'elsewhere')
  mkdirSync(elsewhere)
  symlinkSync(elsewhere, compiled)
  t.deepEqual(list(place), fine)
  t.deepEqual(readdirSync(elsewhere), [])
  rmSync(compiled)
  writeFileSync(compiled, '')
  t.deepEqual(list(place), fine)
})

const testAsRoot = noOtherUser ? test.skip : test

testAsRoot("another user's folder is neither used nor changed", (t) => {
  const { place, compiled } = makePlace(t)
  mkdirSync(compiled)
  chownSync(compiled, otherUid, otherUid)
  t.deepEqual(list(place), fine)
  t.deepEqual(readdirSync(compiled), [])
})

testAsRoot('in a cache in which another user could change something nothing is made', (t) => {
  const shared = makeSharedFolder()
  t.teardown(shared.remove)
  asOtherUser('mkdir', join(shared.path, 'wirelab'))
  t.deepEqual(list(shared.path), fine)
  t.deepEqual(readdirSync(join(shared.path, 'wirelab')), [])
})
