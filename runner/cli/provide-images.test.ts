import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { buildImage } from '../image/build.ts'
import { type FakeHost, goodBuild, makeFakeHost } from '../image/fake-host.ts'
import type { Lab } from '../lab/lab.ts'
import { labOf } from '../testing/test-labs.ts'
import { provideImages } from './provide-images.ts'

const test = ava as TestFn<FakeHost>

test.beforeEach(async (t) => {
  t.context = await makeFakeHost()
  await t.context.mmdebstrap(goodBuild)
})
test.afterEach.always((t) => t.context.remove())

const lab = (head: string, files: Readonly<Record<string, string>> = {}) =>
  labOf(`title: A test\nsummary: A test.\n${head}\nsteps: [{ name: s, on: a, run: x }]\n`, files)

async function provide(one: Lab) {
  let printed = ''
  const write = (text: string) => {
    printed += text
    return true
  }
  const stream: NodeJS.WriteStream = Object.assign(Object.create(process.stdout), { write })
  const [variant] = one.variants
  if (variant === undefined) throw new Error('the lab has no variant')
  const signal = AbortSignal.timeout(30_000)
  const images = await provideImages([{ lab: one, variant }], { signal, interactive: false, stream })
  return { images, printed, ofMachines: images.imagesOf({ lab: one, variant }) }
}

test.serial('an image that a node names is built once, and a layer that labs share', async (t) => {
  const text = 'nodes: { a: { image: debian-13 }, b: { image: debian-13, packages: [frr] } }'
  const { printed, ofMachines, images } = await provide(lab(text))
  t.deepEqual([ofMachines.get('a')?.name, ofMachines.get('b')?.name], ['debian-13', 'debian-13+frr'])
  t.is(ofMachines.get('a'), images.main)
  t.regex(printed, /The image debian-13\+frr is not there yet: it is built, once\./)
  await t.context.mmdebstrap('exit 1')
  t.is((await provide(lab('packages: [frr]\nnodes: { a: { image: debian-13 } }'))).printed, '')
})

test.serial('the usual image is left to the set-up', async (t) => {
  await t.throwsAsync(provide(lab('nodes: { a: {} }')), { message: /^cannot use image debian-12: it is not built/ })
})

test.serial('what stands beside a lab is not run until somebody builds it by its name', async (t) => {
  const files = {
    'images/words/recipe.json': '{ "from": "debian-12", "packages": ["frr"] }',
    'images/own/recipe.json': '{ "from": "debian-12", "script": "run.sh" }',
    'images/own/run.sh': 'true',
  }
  t.is((await provide(lab('image: words\nnodes: { a: {} }', files))).images.main.name, 'words')
  const own = lab('image: own\npackages: [frr]\nnodes: { a: {} }', files)
  const error = await t.throwsAsync(provide(own))
  const folder = join(own.folder, 'images/own')
  t.is(error?.message, `cannot use image own: it is not built, and what stands in ${folder} is run when it is`)
  t.regex(Object(error).remedy, /^If you trust that, run: .*image build \S+\/images\/own$/)
  t.false((await readdir(t.context.images)).some((name) => name.startsWith('own')))
  await buildImage(folder, { signal: AbortSignal.timeout(30_000), onProgress() {} })
  t.is((await provide(own)).images.main.name, 'own+frr')
})
