import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { cacheFolder } from '../../host/cache.ts'
import { type Image, openImage } from '../../image/image.ts'

const folder = mkdtempSync(join(tmpdir(), 'wirelab-same-image-'))
const main = join(import.meta.dirname, '../../cli/main.ts')
let image: Image

/** Runs a command with a cache of its own, and perhaps something in front. */
function run(cache: string, words: readonly string[], inFront: readonly string[] = []) {
  const [program = '', ...rest] = [...inFront, process.execPath, main, ...words]
  const environment = { ...process.env, XDG_CACHE_HOME: resolve(folder, cache) }
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd: folder, env: environment, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

before(async () => {
  image = await openImage()
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('an image that is built anew is the same, to the bit', () => {
  const built = run('anew', ['image', 'build', image.name])
  assert.equal(built.status, 0, built.output)
  const path = /^Built (.*)$/m.exec(built.output)?.[1] ?? ''
  const compared = run('anew', ['image', 'compare', image.folder, path])
  assert.deepEqual(compared, { status: 0, output: 'Both are the same, to the bit, but for their keys.\n' })
})

test('what was saved is loaded and runs a lab without any network', () => {
  const file = join(folder, 'saved.img')
  const saved = run(dirname(cacheFolder()), ['image', 'save', file, image.name])
  assert.equal(saved.status, 0, saved.output)
  const offline = ['unshare', '--net']
  const loaded = run('loaded', ['image', 'load', file], offline)
  assert.match(loaded.output, /^Loaded /m)
  const ran = run('loaded', ['bridge-veth', '--results', join(folder, 'results')], offline)
  assert.equal(ran.status, 0, ran.output)
})
