import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import ava, { type TestFn } from 'ava'
import { buildImage } from './build.ts'
import { compareImages } from './compare-images.ts'
import { type FakeHost, goodBuild, makeFakeHost } from './fake-host.ts'
import { checkImage, type Image } from './image.ts'
import { loadImage } from './load-image.ts'
import { saveImage } from './save-image.ts'

const test = ava as TestFn<FakeHost & { readonly saved: string; readonly image: Image; readonly cache: string }>

const signal = AbortSignal.timeout(60_000)
const options = { signal, onProgress: () => {} }

/** A host with a saved image, and from now on an empty cache. */
test.beforeEach(async (t) => {
  const host = await makeFakeHost()
  await host.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, options)
  const saved = join(host.images, '../../saved')
  await saveImage('debian-12', saved, signal)
  const cache = join(host.images, '../../elsewhere')
  process.env['XDG_CACHE_HOME'] = cache
  t.context = { ...host, saved, image, cache }
})
test.afterEach.always((t) => t.context.remove())

test.serial('a saved image is loaded with what was built, and keys of its own', async (t) => {
  const { saved, image: first } = t.context
  const { image, made } = await loadImage(saved, options)
  t.true(made)
  t.deepEqual(image, await checkImage())
  t.deepEqual(image.manifest.built, first.manifest.built)
  t.not(image.hostKey, first.hostKey)
  t.not(await readFile(image.clientKey, 'utf8'), await readFile(first.clientKey, 'utf8'))
  t.is((await stat(image.clientKey)).mode & 0o777, 0o600)
  t.deepEqual(await compareImages(first.folder, image.folder, signal), [])
  t.false((await loadImage(saved, options)).made)
})

test.serial('no private key, and nothing of it, is in what is saved', async (t) => {
  const text = zstdDecompressSync(await readFile(t.context.saved)).toString('latin1')
  t.notRegex(text, /OPENSSH|hostKey|authorized_keys/)
})

test.serial('a file is not written over', async (t) => {
  process.env['XDG_CACHE_HOME'] = join(t.context.images, '../..')
  await t.throwsAsync(saveImage('debian-12', t.context.saved, signal), { message: /it is there already/ })
})

/** Changes of a saved image's bytes before they are compressed, and what is said of them. */
const changes: Readonly<Record<string, readonly [(plain: Buffer) => Buffer | string, RegExp]>> = {
  'a root of other bytes': [
    (plain) => edited(plain, 'root.erofs\n', 'root.er0fs\n'),
    /root.erofs in it is damaged: its SHA/,
  ],
  'a file that would lie elsewhere': [
    (plain) => edited(plain, 'vmlinuz\0\0\0', '../../vmli'),
    /vmlinuz is not in its place/,
  ],
  'another file': [(plain) => edited(plain, 'image.json', 'hello.json'), /it is none/],
  'a link in place of a file': [(plain) => edited(plain, '\x200\0', '\x202\0'), /it is none/],
  'a file of another name in its account': [(plain) => edited(plain, '"vmlinuz"', '"vmlinux"'), /not known here/],
  'another format': [(plain) => edited(plain, 'wirelab image 1', 'wirelab image 9'), /not known here/],
  'a key of another recipe': [
    (plain) => edited(plain, '"key":"', '"key":"').fill('0', at(plain, '"key":"') + 7, at(plain, '"key":"') + 23),
    /of another recipe \(0000/,
  ],
  'another command line of the kernel': [(plain) => edited(plain, 'norandmaps', 'init=/bad/'), /of another recipe/],
  'a name of no recipe': [(plain) => edited(plain, '"image":"debian-12"', '"image":"../../deb"'), /cannot find image/],
  'an end too early': [(plain) => plain.subarray(0, -1025), /it ends too early/],
  'more behind the end': [(plain) => Buffer.concat([plain, Buffer.from('x')]), /more behind its end/],
  nothing: [() => '', /./],
}

const at = (plain: Buffer, text: string) => plain.indexOf(text)

function edited(plain: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(plain)
  copy.write(to, copy.indexOf(from), 'latin1')
  return copy
}

for (const [what, [change, message]] of Object.entries(changes))
  test.serial(`a saved image with ${what} is refused, and leaves nothing`, async (t) => {
    const { saved, cache } = t.context
    await writeFile(saved, zstdCompressSync(change(zstdDecompressSync(await readFile(saved)))))
    await t.throwsAsync(loadImage(saved, options), { message })
    const left = await readdir(join(cache, 'wirelab/images')).catch(() => [])
    t.deepEqual(
      left.filter((name) => name !== '.lock'),
      [],
    )
  })

test.serial('a saved image that is cut short is refused', async (t) => {
  const { saved } = t.context
  await writeFile(saved, (await readFile(saved)).subarray(0, -20))
  await t.throwsAsync(loadImage(saved, options), { message: /^cannot load .*saved as an image: / })
})

test.serial('whichever bit of a saved image is another, it is refused, or what was built is whole', async (t) => {
  const { saved, image: first } = t.context
  const whole = await readFile(saved)
  let refused = 0
  for (let byte = 0; byte < whole.length; byte += 37) {
    const damaged = Buffer.from(whole)
    damaged[byte] = (damaged[byte] ?? 0) ^ 4
    await writeFile(saved, damaged)
    const loaded = await loadImage(saved, options).catch(() => undefined)
    if (loaded === undefined) refused++
    else t.deepEqual((await checkImage()).manifest.built, first.manifest.built, `byte ${byte}`)
  }
  t.true(refused > 10)
})

test.serial('what is no saved image, or is not there, is named', async (t) => {
  await writeFile(t.context.saved, 'hello')
  await t.throwsAsync(loadImage(t.context.saved, options), { message: /^cannot load .*saved as an image: / })
  await t.throwsAsync(loadImage('/no/such/file', options), { message: /^cannot load .*ENOENT/ })
})
