import { chmodSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { asOtherUser, makeSharedFolder, noOtherUser } from '../testing/other-user.ts'
import { makeFolders, openOwnFolder, readOwnFile, whyNotTrusted } from './trusted-folder.ts'

const test = ava as TestFn<ReturnType<typeof makeSharedFolder>>
const testAsRoot = noOtherUser ? test.skip : test

test.beforeEach((t) => {
  t.context = makeSharedFolder()
})
test.afterEach.always((t) => t.context.remove())

test('a folder is made for this user alone, and found again', (t) => {
  const path = join(t.context.path, 'mine')
  openOwnFolder(path)
  openOwnFolder(path)
  t.is(whyNotTrusted(path), undefined)
  t.throws(() => asOtherUser('ls', path))
})

testAsRoot('a folder that another user made is refused, whatever is in it', (t) => {
  const path = join(t.context.path, 'mine')
  asOtherUser('mkdir', '-m', '777', path)
  t.throws(() => openOwnFolder(path), { message: `cannot use ${path}: it belongs to another user (65534)` })
  t.is(whyNotTrusted(join(path, 'below')), `${path} belongs to another user (65534)`)
})

testAsRoot('a link that another user made is not followed', (t) => {
  const [path, own] = [join(t.context.path, 'mine'), join(t.context.path, 'own')]
  mkdirSync(own, { mode: 0o700 })
  asOtherUser('ln', '-s', own, path)
  t.throws(() => openOwnFolder(path), { message: /^cannot use .*: it is no folder$/ })
  t.is(whyNotTrusted(join(path, 'below')), `${path} belongs to another user (65534)`)
})

test('a link of this user’s own leads to where it leads, and what lies there is looked at', (t) => {
  const [real, open] = [join(t.context.path, 'real'), join(t.context.path, 'open')]
  for (const path of [real, open]) mkdirSync(path)
  chmodSync(open, 0o777)
  symlinkSync(real, join(t.context.path, 'link'))
  symlinkSync(open, join(real, 'out'))
  symlinkSync('loop', join(real, 'loop'))
  t.is(whyNotTrusted(join(t.context.path, 'link', 'cache')), undefined)
  t.is(whyNotTrusted(join(t.context.path, 'link', 'out', 'cache')), `others may change what is in ${open}`)
  t.regex(whyNotTrusted(join(real, 'loop')) ?? '', /is one link too many$/)
})

test('a folder that others may enter or change is refused', (t) => {
  const path = join(t.context.path, 'mine')
  mkdirSync(path)
  chmodSync(path, 0o755)
  t.throws(() => openOwnFolder(path), { message: /: other users may enter it$/ })
  chmodSync(path, 0o777)
  t.throws(() => openOwnFolder(join(path, 'below')), { message: /: others may change what is in / })
})

test('only a file of this user’s own is read: no link, no other name of it, no pipe', (t) => {
  const file = join(t.context.path, 'file')
  writeFileSync(file, 'text')
  t.is(readOwnFile(file), 'text')
  symlinkSync(file, join(t.context.path, 'link'))
  t.throws(() => readOwnFile(join(t.context.path, 'link')), { code: 'ELOOP' })
  linkSync(file, join(t.context.path, 'second'))
  t.throws(() => readOwnFile(file), { message: /is no file of this user's own/ })
})

testAsRoot('a file that another user wrote is not read', (t) => {
  const file = join(t.context.path, 'file')
  asOtherUser('sh', '-c', `echo text > ${file}`)
  t.throws(() => readOwnFile(file), { message: /is no file of this user's own/ })
})

test('folders are made on the way, and where none can be made it ends', (t) => {
  makeFolders(join(t.context.path, 'a/b/c'))
  makeFolders(join(t.context.path, 'a/b/c'))
  t.deepEqual(readdirSync(join(t.context.path, 'a/b')), ['c'])
  t.throws(() => makeFolders('/proc/a/b'), { code: 'ENOENT' })
})
