import test from 'ava'
import { asUser, noOtherUser } from '../testing/other-user.ts'

/** A number that no system gives to anybody. */
const nobodysUid = 3_999_999

/** Runs a piece of a module of this folder as a user without an entry in passwd(5). Returns what it prints. */
const asUnknown = (module: string, code: string, environment: readonly string[]) =>
  asUser(nobodysUid, 'env', [
    ...['-i', ...environment, process.execPath, '--input-type=module', '--eval'],
    `const m = await import(${JSON.stringify(import.meta.resolve(module))}); ${code}`,
  ])

const testAsRoot = noOtherUser ? test.skip : test

testAsRoot('a user of whom the system knows only the number has places for runtime folders', (t) => {
  const print = 'process.stdout.write(m.runtimeRoots().join())'
  t.is(asUnknown('./runtime-folder.ts', print, ['TMPDIR=/tmp']), `/tmp/wirelab-runs-${nobodysUid}`)
})

testAsRoot('... and a cache where $HOME is set; without it the error says what to set', (t) => {
  const print = 'try { process.stdout.write(m.cacheFolder()) } catch (e) { process.stdout.write(e.message + e.remedy) }'
  t.is(asUnknown('./cache.ts', print, ['HOME=/absent/home']), '/absent/home/.cache/wirelab')
  t.regex(asUnknown('./cache.ts', print, []), /^cannot find the home folder: .* user 3999999.*XDG_CACHE_HOME/)
})
