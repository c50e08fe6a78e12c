import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cacheFolder } from '../../host/cache.ts'
import { rememberVerified } from '../../image/verify-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'wirelab-damaged-'))
const main = join(import.meta.dirname, '../../cli/main.ts')
const realCache = cacheFolder()

const lab = `title: A machine
summary: It is up.
nodes: { m: {} }
steps: [{ name: look, on: m, run: uname, expect: [{ output: { on: m, command: uname, contains: Linux } }] }]
`

before(() => {
  mkdirSync(join(folder, 'wirelab/templates'), { recursive: true })
  symlinkSync(join(realCache, 'images'), join(folder, 'wirelab/images'))
  writeFileSync(join(folder, 'lab.yaml'), lab)
})
after(() => rmSync(folder, { recursive: true }))

let runs = 0

/** Runs the lab in a cache; returns what it said of templates. */
function run(cache: string, around: readonly string[] = []): string[] {
  const results = join(folder, `results-${runs++}`)
  const [program = '', ...args] = [...around, process.execPath, main, folder, '--accel', 'tcg', '--results', results]
  execFileSync(program, args, { env: { ...process.env, XDG_CACHE_HOME: cache }, stdio: 'pipe' })
  return readFileSync(join(results, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"progress"') && line.includes('template'))
}

const template = () =>
  join(
    folder,
    'wirelab/templates',
    readdirSync(join(folder, 'wirelab/templates')).find((name) => /^\w/.test(name)) ?? '',
  )

test('a template whose damage no quick look can see is read whole when no machine comes of it, and made again', async () => {
  run(folder)
  const state = join(template(), 'state')
  const bytes = readFileSync(state)
  chmodSync(state, 0o600)
  writeFileSync(state, bytes.fill(0, 0, 64))
  await rememberVerified(template(), ['memory', 'state', 'frozen-at'])
  const [told = '', ...more] = run(folder)
  assert.match(told, /the template is damaged \(state: its SHA-256 differs\): it is made again/)
  assert.deepEqual(more, [])
  assert.deepEqual(run(folder), [])
})

test('a cache that cannot be written serves for runs', { skip: process.getuid?.() !== 0 && 'it takes root' }, () => {
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
  const before = statSync(template()).mtimeMs
  assert.deepEqual(run(folder, ['unshare', '--mount', 'sh', '-c', readOnly, join(folder, 'wirelab')]), [])
  assert.equal(statSync(template()).mtimeMs, before)
})
