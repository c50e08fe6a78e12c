import { homedir } from 'node:os'
import test from 'ava'
import { cacheFolder } from './cache.ts'

test('the cache is where $XDG_CACHE_HOME says', (t) => {
  t.is(cacheFolder({ XDG_CACHE_HOME: '/elsewhere' }), '/elsewhere/wirelab')
})

test('without $XDG_CACHE_HOME, or with a relative one, the cache is in the home folder', (t) => {
  for (const environment of [{}, { XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: 'here' }]) {
    t.is(cacheFolder(environment), `${homedir()}/.cache/wirelab`)
  }
})
