import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { asOtherUser, makeSharedFolder, noOtherUser } from '../testing/other-user.ts'
import { cacheFolder, makeCacheFolder } from './cache.ts'

test('the cache is where $XDG_CACHE_HOME says', (t) => {
  t.is(cacheFolder({ XDG_CACHE_HOME: '/elsewhere' }), '/elsewhere/wirelab')
})

test('without $XDG_CACHE_HOME, or with a relative one, the cache is in the home folder', (t) => {
  for (const environment of [{}, { XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: 'here' }])
    t.is(cacheFolder({ ...environment, HOME: '/absent/home' }), '/absent/home/.cache/wirelab')
})

test('a $HOME that is empty or relative is not believed', (t) => {
  for (const HOME of ['', 'here']) t.is(cacheFolder({ HOME }), join(userInfo().homedir, '.cache', 'wirelab'))
  t.is(cacheFolder({ HOME: '/absent/home' }), '/absent/home/.cache/wirelab')
})

test('a folder of the cache that other users could enter is closed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-cache-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  makeCacheFolder(join(folder, 'templates'))
  makeCacheFolder(folder)
  for (const path of [folder, join(folder, 'templates')]) t.is(statSync(path).mode & 0o777, 0o700)
})

const testAsRoot = noOtherUser ? test.skip : test

testAsRoot('a cache in which another user can change something is refused, with what to do', (t) => {
  const { path, remove } = makeSharedFolder()
  t.teardown(remove)
  asOtherUser('mkdir', join(path, 'wirelab'))
  const error = t.throws(() => cacheFolder({ XDG_CACHE_HOME: path }), {
    message: `cannot use ${path}/wirelab: ${path}/wirelab belongs to another user (65534)`,
  })
  t.regex(String(Object(error).remedy), /XDG_CACHE_HOME/)
})
