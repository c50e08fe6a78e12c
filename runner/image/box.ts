import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, machineryError } from '../errors.ts'
import { cacheFolder, makeCacheFolder } from '../host/cache.ts'
import { runHostCommand } from '../host/host-command.ts'
import { withLock } from '../host/lock.ts'
import { type Image, kernelWords } from './image.ts'

/** On the kernel command line after the image's. By the last a machine asks a DHCP server for its address for management. */
const words = `${kernelWords} wirelab.management=dhcp`

/**
 * The name that Vagrant knows an image's box by. Another build of the same recipe has other keys, and so another name:
 * a box that is there always fits its image.
 */
export function boxName({ name, manifest }: Pick<Image, 'name' | 'manifest'>): string {
  const digest = createHash('sha256').update(JSON.stringify([manifest.files, manifest.hostKey, words]))
  return `wirelab-${name}-${digest.digest('hex').slice(0, 12)}`
}

/** Where an image's box lies after `makeBox`. */
export const boxFile = (image: Pick<Image, 'name' | 'manifest'>): string =>
  join(cacheFolder(), 'boxes', `${boxName(image)}.box`)

/** What adds an image's box to Vagrant, as a person would type it. */
export const boxAddLine = (image: Pick<Image, 'name' | 'manifest'>): string =>
  `vagrant box add --name ${boxName(image)} ${boxFile(image)}`

export interface BoxOptions {
  readonly signal: AbortSignal
  /** What is going on now, for people. */
  onProgress(message: string): void
}

const timeoutMs = 10 * 60_000

/**
 * Makes a Vagrant box for libvirt of an image: its root as a disk, and kernel, initrd and client key beside it. Gives
 * the file, which may have been there before.
 * @throws WirelabError of kind machinery, or the signal's reason
 */
export async function makeBox(image: Image, { signal, onProgress }: BoxOptions): Promise<string> {
  const boxes = join(cacheFolder(), 'boxes')
  makeCacheFolder(boxes)
  const onWait = () => onProgress('Waiting for another box to be made')
  return await withLock(join(boxes, '.lock'), { signal, onWait }, async () => {
    const file = boxFile(image)
    if (!(await isFile(file))) await packBox(image, boxes, file, { signal, onProgress })
    return file
  })
}

async function packBox(image: Image, boxes: string, file: string, { signal, onProgress }: BoxOptions): Promise<void> {
  // Boxes of former images, and what was left when the making of one was killed.
  for (const name of await readdir(boxes))
    if (name !== '.lock') await rm(join(boxes, name), { recursive: true, force: true })
  const stage = await mkdtemp(join(boxes, '.making-'))
  try {
    onProgress('Writing the disk')
    // Vagrant copies the disk twice; it is a third as long compressed.
    const disk = ['-c', '-f', 'raw', '-O', 'qcow2', '-o', 'compression_type=zstd', image.root, join(stage, 'box.img')]
    await runTool(['qemu-img', 'convert', ...disk], 'qemu-utils', signal)
    await copyFile(image.kernel, join(stage, 'vmlinuz'))
    await copyFile(image.initrd, join(stage, 'initrd'))
    await copyFile(image.clientKey, join(stage, 'client-key'))
    await chmod(join(stage, 'client-key'), 0o600)
    const gibibytes = Math.ceil((await stat(image.root)).size / 2 ** 30)
    const metadata = { provider: 'libvirt', format: 'qcow2', virtual_size: gibibytes }
    await writeFile(join(stage, 'metadata.json'), JSON.stringify(metadata))
    await writeFile(join(stage, 'Vagrantfile'), renderVagrantfile(image))
    onProgress('Packing the box')
    const members = ['metadata.json', 'Vagrantfile', 'client-key', 'vmlinuz', 'initrd', 'box.img']
    await runTool(['tar', '--create', '--file', join(stage, 'box'), '--directory', stage, ...members], 'tar', signal)
    await rename(join(stage, 'box'), file)
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

async function runTool(argv: readonly [string, ...string[]], debianPackage: string, signal: AbortSignal) {
  try {
    await runHostCommand(argv, { signal, timeoutMs, dieWithRunner: true })
  } catch (error) {
    if (!hasCode(error, 'not-installed')) throw error
    const remedy = `Install Debian's package ${debianPackage}, or what gives this host ${argv[0]}.`
    throw machineryError(`cannot make a box: ${argv[0]} is not installed`, remedy, error)
  }
}

/** The settings that come with the box: how it boots, and how Vagrant logs in. */
const renderVagrantfile = ({ manifest }: Image) => `# How Vagrant boots this box of wirelab's and logs in to it.
here = File.dirname(File.expand_path(__FILE__))
Vagrant.configure('2') do |config|
  config.ssh.username = 'root'
  config.ssh.private_key_path = File.join(here, 'client-key')
  config.ssh.insert_key = false
  config.ssh.sudo_command = '%c'
  config.vm.synced_folder '.', '/vagrant', disabled: true
  config.vm.provider :libvirt do |libvirt|
    libvirt.kernel = File.join(here, 'vmlinuz')
    libvirt.initrd = File.join(here, 'initrd')
    libvirt.cmd_line = ${JSON.stringify(`${manifest.kernel.commandLine} ${words}`)}
    libvirt.graphics_type = 'none'
    libvirt.video_type = 'none'
    libvirt.memballoon_enabled = false
  end
end
`

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
