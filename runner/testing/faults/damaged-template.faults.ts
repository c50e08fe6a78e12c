import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { cacheFolder } from '../../host/cache.ts'
import { openImage } from '../../image/image.ts'
import { rememberVerified } from '../../image/verify-files.ts'
import { defaultMemoryMiB } from '../../plan.ts'
import { templateFolder } from '../../providers/qemu/template-folder.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'wirelab-damaged-'))
const templates = join(folder, 'wirelab/templates')
const main = join(import.meta.dirname, '../../cli/main.ts')
let template = ''

const lab = `title: A machine
summary: It is up.
nodes: { m: {} }
steps: [{ name: look, on: m, run: uname, expect: [{ output: { on: m, command: uname, contains: Linux } }] }]
`
const cabled = `title: Two machines
summary: A cable joins them.
nodes: { m: {}, n: {} }
links: [{ endpoints: ["m:eth0", "n:eth0"] }]
steps: [{ name: look, expect: [{ output: { on: m, command: ip link show eth0, contains: mtu } }] }]
`

before(async () => {
  const image = await openImage()
  const made = await templateFolder(image, {
    image,
    accelerator: 'tcg',
    memoryMiB: defaultMemoryMiB,
    cpus: 1,
  })
  template = join(templates, basename(made))
  fs.mkdirSync(templates, { recursive: true })
  fs.symlinkSync(join(cacheFolder(), 'images'), join(folder, 'wirelab/images'))
  fs.writeFileSync(join(folder, 'lab.yaml'), lab)
  fs.mkdirSync(join(folder, 'cabled'))
  fs.writeFileSync(join(folder, 'cabled/lab.yaml'), cabled)
  // One that is there need not be made first.
  if (fs.existsSync(made)) execFileSync('cp', ['-a', '--sparse=always', made, templates])
  run()
})

after(() => fs.rmSync(folder, { recursive: true }))

let runs = 0

/** Runs a lab in the cache of this test; returns what it said of templates. */
function run(around: readonly string[] = [], lab = folder): string[] {
  const results = join(folder, `results-${runs++}`)
  const [program = '', ...args] = [...around, process.execPath, main, lab, '--accel', 'tcg', '--results', results]
  execFileSync(program, args, { env: { ...process.env, XDG_CACHE_HOME: folder }, stdio: 'pipe' })
  return fs
    .readFileSync(join(results, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"progress"') && line.includes('template'))
}

test('a cache that cannot be written serves for runs', { skip: process.getuid?.() !== 0 && 'it takes root' }, () => {
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
  const usedMs = fs.statSync(template).mtimeMs
  assert.deepEqual(run(['unshare', '--mount', 'sh', '-c', readOnly, join(folder, 'wirelab')]), [])
  assert.equal(fs.statSync(template).mtimeMs, usedMs)
})

test('a template whose damage no quick look sees is read whole when no machine comes of it, and made again', async () => {
  const state = join(template, 'state')
  fs.chmodSync(state, 0o600)
  fs.writeFileSync(state, fs.readFileSync(state).fill(0, 0, 64))
  await rememberVerified(template, ['memory', 'state', 'frozen-at'])
  const [told = '', ...more] = run()
  assert.match(told, /the template is damaged \(state: its SHA-256 differs\): it is made again/)
  assert.deepEqual(more, [])
  assert.deepEqual(run(), [])
})

test('of a template only what it is with so many NICs is made again when that is damaged', async () => {
  const lab = join(folder, 'cabled')
  const [state, bare] = [join(template, 'nics-1/state'), join(template, 'frozen-at')]
  assert.deepEqual(run([], lab), [])
  const frozenAt = fs.readFileSync(bare, 'utf8')
  fs.chmodSync(state, 0o600)
  fs.writeFileSync(state, fs.readFileSync(state).fill(0, 0, 64))
  await rememberVerified(join(template, 'nics-1'), ['state', 'frozen-at'])
  const [told = '', ...more] = run([], lab)
  assert.match(told, /the template is damaged \(state: its SHA-256 differs\): it is made again/)
  assert.deepEqual(more, [])
  assert.equal(fs.readFileSync(bare, 'utf8'), frozenAt)
  assert.deepEqual(run([], lab), [])
})
