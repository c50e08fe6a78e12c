import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { isCommandFault, runHostCommand } from '../../host/host-command.ts'
import { hasProgram } from '../../host/host-packages.ts'
import { boxName } from '../../image/box.ts'
import type { Image } from '../../image/image.ts'
import { vagrantHome } from './vagrant-home.ts'
import { libvirtUri, virsh } from './virsh.ts'

/** Something that it takes to run labs through Vagrant; `check` returns what is there. */
export interface VagrantNeed {
  /** @throws WirelabError of kind machinery that says what is missing and what mends it */
  check(): Promise<string>
}

const cannot = 'cannot run labs through Vagrant'
const timeoutMs = 60_000

/** All that it takes, each of which is of use only when those before it are there. */
export const vagrantNeeds = (image: Image | undefined): readonly VagrantNeed[] => [
  { check: checkVagrant },
  { check: checkPlugin },
  { check: checkLibvirt },
  { check: () => checkBox(image) },
]

/** @throws WirelabError of kind machinery for the first thing that is missing */
export async function demandVagrant(image: Image): Promise<void> {
  const provider = process.env['VAGRANT_DEFAULT_PROVIDER'] || 'libvirt'
  if (provider !== 'libvirt')
    throw machineryError(
      `${cannot} on ${provider}: the runner cuts cables and takes captures only by way of libvirt`,
      `Unset VAGRANT_DEFAULT_PROVIDER. To have a lab's machines on ${provider}: WIRELAB_LAB=NAME vagrant up`,
    )
  for (const { check } of vagrantNeeds(image)) await check()
}

const vagrant = (...words: readonly string[]) =>
  // Where there is no Vagrantfile it answers quicker.
  runHostCommand(['vagrant', ...words], { folder: '/', timeoutMs, environment: { VAGRANT_CHECKPOINT_DISABLE: '1' } })

async function checkVagrant(): Promise<string> {
  if (!(await hasProgram('vagrant')))
    throw machineryError(
      `${cannot}: vagrant is not installed`,
      'Install it: apt-get install vagrant vagrant-libvirt ruby-ed25519 ruby-bcrypt-pbkdf',
    )
  return (await vagrant('--version')).stdout.trim()
}

async function checkPlugin(): Promise<string> {
  const { stdout } = await vagrant('plugin', 'list')
  const [found] = /vagrant-libvirt \([^)]*\)/.exec(stdout) ?? []
  if (found !== undefined) return found
  throw machineryError(
    `${cannot}: Vagrant lacks the plugin vagrant-libvirt`,
    'Install it: apt-get install vagrant-libvirt, or: vagrant plugin install vagrant-libvirt',
  )
}

async function checkLibvirt(): Promise<string> {
  if (!(await hasProgram('virsh')))
    throw machineryError(`${cannot}: virsh is not installed`, 'Install it: apt-get install libvirt-clients')
  try {
    await virsh('uri')
  } catch (error) {
    throw machineryError(
      `${cannot}: libvirtd does not answer at ${libvirtUri()} (${isCommandFault(error) ? error.detail.problem : messageOf(error)})`,
      'Install and start it: apt-get install libvirt-daemon-system; systemctl start libvirtd. ' +
        'Without root, join the group libvirt.',
      error,
    )
  }
  return `libvirt at ${libvirtUri()}`
}

async function checkBox(image: Image | undefined): Promise<string> {
  if (image === undefined) throw machineryError(`${cannot}: there is no image to make a box of`, 'npm run setup')
  const name = boxName(image)
  if (existsSync(join(vagrantHome(), 'boxes', name))) return `box ${name}`
  throw machineryError(
    `${cannot}: the box ${name} is not in Vagrant`,
    'npm run lab image box makes it, and prints the line that adds it',
  )
}
