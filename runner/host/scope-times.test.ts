import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readScopeTimes, rememberScopeTimes } from './scope-times.ts'

function cacheFor(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-times-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return { environment: { XDG_CACHE_HOME: folder }, file: join(folder, 'wirelab', 'scope-times.json') }
}

test('times are remembered in place of older ones of the same key', (t) => {
  const { environment } = cacheFor(t)
  t.deepEqual(readScopeTimes(environment), new Map())
  const first = new Map([
    ['a/default', 1234.5],
    ['b/default', 10],
  ])
  rememberScopeTimes(first, environment)
  rememberScopeTimes(new Map([['a/default', 20]]), environment)
  t.deepEqual(
    [...readScopeTimes(environment)],
    [
      ['b/default', 10],
      ['a/default', 20],
    ],
  )
})

test('of more times than there is room for the newest stay, whatever their keys are', (t) => {
  const { environment, file } = cacheFor(t)
  rememberScopeTimes(new Map([['old', 1]]), environment)
  const many = Array.from({ length: 3000 }, (_, at) => [`${at} ${'\u0000\u{1f600}'.repeat(50)}`, at] as const)
  rememberScopeTimes(new Map(many), environment)
  const kept = [...readScopeTimes(environment)]
  t.true(statSync(file).size <= 256 * 1024)
  t.true(kept.length > 300)
  t.deepEqual(kept, many.slice(-kept.length) as [string, number][])
})

test('a file that is damaged, or no file of this user, holds no times, and the next run replaces what is damaged', (t) => {
  const { environment, file } = cacheFor(t)
  mkdirSync(join(file, '..'), { recursive: true })
  for (const text of ['', '[["a/default", 5]', '{"a/default": 5}', 'null', '[["a", "b"], ["c", -1], ["d"], 5, null]']) {
    writeFileSync(file, text)
    t.deepEqual(readScopeTimes(environment), new Map(), text)
  }
  rememberScopeTimes(new Map([['a/default', 5]]), environment)
  t.is(readScopeTimes(environment).get('a/default'), 5)
  rmSync(file)
  writeFileSync(`${file}.other`, '[["a/default", 5]]')
  symlinkSync(`${file}.other`, file)
  t.deepEqual(readScopeTimes(environment), new Map())
})

test('in a cache that others may change nothing is read, and nothing is written', (t) => {
  const { environment, file } = cacheFor(t)
  rememberScopeTimes(new Map([['a/default', 5]]), environment)
  chmodSync(environment.XDG_CACHE_HOME, 0o777)
  t.deepEqual(readScopeTimes(environment), new Map())
  rememberScopeTimes(new Map([['a/default', 6]]), environment)
  chmodSync(environment.XDG_CACHE_HOME, 0o700)
  t.is(readScopeTimes(environment).get('a/default'), 5)
  t.is(statSync(file).mode & 0o022, 0)
})
