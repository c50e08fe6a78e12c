import { execFileSync } from 'node:child_process'
import test from 'ava'
import { noOtherUser } from '../testing/other-user.ts'

/** A number that no system gives to anybody. */
const nobodysUid = 3_999_999

/**
 * Runs a piece of a module of this folder as a user without an entry in passwd(5), who need not be able to read this
 * checkout. Returns what it prints.
 */
function asUnknown(module: string, code: string, env: Readonly<Record<string, string>>): string {
  const become = `process.setgroups([]); process.setgid(${nobodysUid}); process.setuid(${nobodysUid})`
  const text = `const m = await import(${JSON.stringify(import.meta.resolve(module))}); ${become}; ${code}`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', text], { env, encoding: 'utf8' })
}

const testAsRoot = noOtherUser ? test.skip : test

testAsRoot('a user of whom the system knows only the number has places for runtime folders', (t) => {
  const print = 'process.stdout.write(m.runtimeRoots().join())'
  t.is(asUnknown('./runtime-folder.ts', print, { TMPDIR: '/tmp' }), `/tmp/wirelab-runs-${nobodysUid}`)
})

testAsRoot('... and a cache where $HOME is set; without it the error says what to set', (t) => {
  const print = 'try { process.stdout.write(m.cacheFolder()) } catch (e) { process.stdout.write(e.message + e.remedy) }'
  t.is(asUnknown('./cache.ts', print, { HOME: '/absent/home' }), '/absent/home/.cache/wirelab')
  t.regex(asUnknown('./cache.ts', print, {}), /^cannot find the home folder: .* user 3999999.*XDG_CACHE_HOME/)
})
