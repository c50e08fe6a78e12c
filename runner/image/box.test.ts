import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { runHostCommand } from '../host/host-command.ts'
import { boxAddLine, boxFile, boxName, makeBox } from './box.ts'
import { buildImage } from './build.ts'
import { type FakeHost, goodBuild, makeFakeHost } from './fake-host.ts'

const test = ava as TestFn<FakeHost>

test.beforeEach(async (t) => {
  t.context = await makeFakeHost()
  await t.context.mmdebstrap(goodBuild)
})
test.afterEach.always((t) => t.context.remove())

const quietly = () => ({ signal: AbortSignal.timeout(30_000), onProgress: () => {} })
const build = async () => (await buildImage(undefined, quietly())).image

/** A qemu-img that only copies, in the folder of the fake programs. */
async function fakeQemuImg({ images }: FakeHost, script: string) {
  const program = join(images, '../../bin/qemu-img')
  await writeFile(program, `#!/bin/sh\nset -eu\n${script}\n`)
  await chmod(program, 0o755)
}
const copies = 'while [ $# -gt 2 ]; do shift; done; cp "$1" "$2"'

test.serial('a box holds what Vagrant needs to boot the image and to log in', async (t) => {
  await fakeQemuImg(t.context, copies)
  const image = await build()
  const file = await makeBox(image, quietly())
  t.is(file, boxFile(image))
  t.is(boxAddLine(image), `vagrant box add --name ${boxName(image)} ${file}`)
  const folder = join(dirname(file), 'unpacked')
  await mkdir(folder)
  await runHostCommand(['tar', '--extract', '--file', file, '--directory', folder])
  t.deepEqual((await readdir(folder)).sort(), [
    'Vagrantfile',
    'box.img',
    'client-key',
    'initrd',
    'metadata.json',
    'vmlinuz',
  ])
  t.deepEqual(JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8')), {
    provider: 'libvirt',
    format: 'qcow2',
    virtual_size: 1,
  })
  t.is((await stat(join(folder, 'client-key'))).mode & 0o777, 0o600)
  t.regex(
    await readFile(join(folder, 'Vagrantfile'), 'utf8'),
    /cmd_line = ".*print-fatal-signals=1 wirelab\.management=dhcp"/,
  )
})

test.serial('a box is made once, and that of another image takes its place', async (t) => {
  await fakeQemuImg(t.context, copies)
  const image = await build()
  const file = await makeBox(image, quietly())
  await fakeQemuImg(t.context, 'exit 1')
  t.is(await makeBox(image, quietly()), file)
  await fakeQemuImg(t.context, copies)
  const rebuilt = { ...image, manifest: { ...image.manifest, hostKey: 'another' } }
  t.not(boxName(rebuilt), boxName(image))
  const second = await makeBox(rebuilt, quietly())
  t.deepEqual(
    (await readdir(dirname(file))).filter((name) => name !== '.lock'),
    [`${boxName(rebuilt)}.box`],
  )
  t.is(second, boxFile(rebuilt))
})

test.serial('a box that fails leaves nothing', async (t) => {
  await fakeQemuImg(t.context, 'echo "no space" >&2; exit 1')
  const image = await build()
  await t.throwsAsync(makeBox(image, quietly()), { message: /^cannot run qemu-img: exit code 1: no space/ })
  t.deepEqual(
    (await readdir(dirname(boxFile(image)))).filter((name) => name !== '.lock'),
    [],
  )
})
