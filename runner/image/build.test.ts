import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { buildImage } from './build.ts'
import { type FakeHost, goodBuild, makeFakeHost } from './fake-host.ts'
import { checkImage, openImage } from './image.ts'
import { listImages, removeImages } from './list-images.ts'

const test = ava as TestFn<FakeHost>

test.beforeEach(async (t) => {
  t.context = await makeFakeHost()
})
test.afterEach.always((t) => t.context.remove())

const quietly = () => ({ signal: AbortSignal.timeout(30_000), onProgress: () => {} })

/** What is in the images' folder besides the lock. */
const entriesOf = async ({ images }: FakeHost) => (await readdir(images)).filter((name) => name !== '.lock')

test.serial('a built image opens, with a manifest of what is in it and a key for its owner alone', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const messages: string[] = []
  const { image, made } = await buildImage(undefined, {
    ...quietly(),
    onProgress: (message) => messages.push(message),
  })
  t.true(made)
  t.deepEqual(image, await openImage())
  t.is(image.hostKey, image.manifest.hostKey)
  t.like(image.manifest, { packages: { bird2: '2.0.12-7' }, kernel: { release: '6.1.0-test' } })
  t.deepEqual(Object.keys(image.manifest.files).sort(), ['client-key', 'initrd', 'root.erofs', 'vmlinuz'])
  t.is((await stat(image.clientKey)).mode & 0o777, 0o600)
  t.deepEqual(messages, ['Finding the packages', 'Downloading packages with apt'])
  t.deepEqual(await entriesOf(t.context), [`debian-12-${image.key}`])
})

test.serial('an image that is there is not built again', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  await buildImage(undefined, quietly())
  await t.context.mmdebstrap('exit 1')
  t.false((await buildImage(undefined, quietly())).made)
})

test.serial('of two builds at once one builds, and the other finds its image', async (t) => {
  await t.context.mmdebstrap(`sleep 0.2; ${goodBuild}`)
  const both = await Promise.all([buildImage(undefined, quietly()), buildImage(undefined, quietly())])
  t.deepEqual(both.map(({ made }) => made).sort(), [false, true])
  t.deepEqual(both[0].image, both[1].image)
})

test.serial('without an image the error says how to get one', async (t) => {
  const error = await t.throwsAsync(openImage(), { message: /^cannot use image debian-12: it is not built/ })
  t.like(error, { kind: 'machinery', remedy: 'Run: npm run setup' })
})

test.serial('a damaged file is named, and the next build replaces the image and its templates', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  const templates = join(t.context.images, '../templates')
  await mkdir(join(templates, `debian-12-${image.manifest.key}-tcg`), { recursive: true })
  await mkdir(join(templates, 'debian-12-ofanotherrecipe-tcg'))
  await writeFile(image.root, 'root.er0fs\n')
  const message = `cannot use image debian-12: ${image.root} is damaged: its SHA-256 differs`
  await t.throwsAsync(openImage(), { message })
  await t.throwsAsync(checkImage(), { message })
  t.true((await buildImage(undefined, quietly())).made)
  await t.notThrowsAsync(checkImage())
  t.deepEqual(await readdir(templates), ['debian-12-ofanotherrecipe-tcg'])
  t.is((await entriesOf(t.context)).length, 1)
})

test.serial('a damaged manifest is named, whatever in it has changed', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  const manifest = join(image.folder, 'manifest.json')
  const text = await readFile(manifest, 'utf8')
  const damaged = [
    '{',
    '',
    text.replace('"hostKey": "AAAA', '"hostKey": "AAAB'),
    text.replace('6.1.0', '6.1.9'),
    text.slice(0, -2),
  ]
  for (const one of damaged) {
    await writeFile(manifest, one)
    await t.throwsAsync(openImage(), { message: /manifest\.json is damaged/ })
  }
  t.true((await buildImage(undefined, quietly())).made)
})

test.serial('a manifest of another recipe is named, though none has sealed it', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  const manifest = join(image.folder, 'manifest.json')
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('console=', 'init=/bin/sh console='))
  await rm(`${manifest}.sha256`)
  await t.throwsAsync(openImage(), { message: /manifest\.json is damaged: it is of another recipe/ })
})

test.serial('a private key that others can read is closed again', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  await chmod(image.clientKey, 0o644)
  await openImage()
  t.is((await stat(image.clientKey)).mode & 0o777, 0o600)
})

test.serial(
  'a build that fails tells what mmdebstrap complained of, keeps its words, and leaves nothing else',
  async (t) => {
    const words = [
      'I: running apt-get update...',
      'Err:1 http://mirror.example x',
      '  Connection failed',
      'E: apt-get failed',
    ]
    await t.context.mmdebstrap(`
    echo half >"$WIRELAB_OUTPUT/vmlinuz"
    printf '%s\\n' ${words.map((word) => `'${word}'`).join(' ')} >&2
    exit 25`)
    const log = join(t.context.images, 'build.log')
    const error = await t.throwsAsync(buildImage(undefined, quietly()))
    t.like(error, {
      message: [
        'cannot build image debian-12: Err:1 http://mirror.example x',
        'Connection failed',
        'E: apt-get failed',
      ].join('\n  '),
      remedy: `All that mmdebstrap printed is in ${log}`,
    })
    t.is(await readFile(log, 'utf8'), `${words.join('\n')}\n`)
    t.deepEqual(await entriesOf(t.context), ['build.log'])
  },
)

test.serial('a disk that gets full is named', async (t) => {
  await t.context.mmdebstrap('echo "E: dpkg failed" >&2; echo "cannot write: No space left on device" >&2; exit 1')
  await t.throwsAsync(buildImage(undefined, quietly()), {
    message: `cannot build image debian-12: the disk of ${t.context.images} is full`,
  })
})

test.serial('an interrupted build ends with the reason of the signal, and leaves nothing', async (t) => {
  await t.context.mmdebstrap('echo "I: extracting archives..." >&2; exec sleep 60')
  const controller = new AbortController()
  const building = buildImage(undefined, {
    signal: controller.signal,
    onProgress: (message) => message === 'Extracting archives' && controller.abort(new Error('ended by SIGINT')),
  })
  await t.throwsAsync(building, { message: 'ended by SIGINT' })
  t.deepEqual(await entriesOf(t.context), [])
})

test.serial('what a killed build left is removed by the next', async (t) => {
  await mkdir(join(t.context.images, '.building-abc123/temporary/root'), { recursive: true })
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  t.deepEqual(await entriesOf(t.context), [`debian-12-${image.key}`])
})

test.serial('images of former recipes are listed as outdated, and can be removed alone', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  const { image } = await buildImage(undefined, quietly())
  await mkdir(join(t.context.images, 'debian-12-0123456789abcdef'))
  await mkdir(join(t.context.images, 'something else'))
  const images = await listImages()
  t.deepEqual(
    images.map(({ key, current, manifest }) => [key, current, manifest !== undefined]).sort(),
    [
      ['0123456789abcdef', false, false],
      [image.key, true, true],
    ].sort(),
  )
  await removeImages(
    images.filter(({ current }) => !current),
    AbortSignal.timeout(10_000),
  )
  t.deepEqual(
    (await listImages()).map(({ key }) => key),
    [image.key],
  )
})

test.serial('a cache that cannot be made is named', async (t) => {
  const file = join(t.context.images, '../../file')
  await writeFile(file, '')
  process.env['XDG_CACHE_HOME'] = file
  const error = await t.throwsAsync(buildImage(undefined, quietly()))
  t.true(error.message.startsWith(`cannot make the folder ${file}/wirelab/images: `), error.message)
})
