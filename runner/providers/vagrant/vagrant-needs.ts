import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { isCommandFault, runHostCommand } from '../../host/host-command.ts'
import { hasProgram } from '../../host/host-packages.ts'
import { ownCommand } from '../../host/own-command.ts'
import { boxName } from '../../image/box.ts'
import { type Finding, missing, type Need, type NeedContext, need } from '../needs.ts'
import { vagrantHome } from './vagrant-home.ts'
import { libvirtUri, virsh } from './virsh.ts'

/** All that it takes to run labs through Vagrant. */
export const vagrantNeeds: readonly Need[] = [
  need(false, checkVagrant),
  need(false, checkPlugin),
  need(false, checkLibvirt),
  need(true, checkBox),
]

const cannot = 'cannot run labs through Vagrant'
const timeoutMs = 60_000

const there = (text: string): Finding => ({ state: 'there', text })

const vagrant = (...words: readonly string[]) =>
  // Where there is no Vagrantfile it answers quicker.
  runHostCommand(['vagrant', ...words], { folder: '/', timeoutMs, environment: { VAGRANT_CHECKPOINT_DISABLE: '1' } })

async function checkVagrant(): Promise<Finding> {
  const hypervisor = process.env['VAGRANT_DEFAULT_PROVIDER'] || 'libvirt'
  if (hypervisor !== 'libvirt')
    throw machineryError(
      `${cannot} on ${hypervisor}: the runner cuts cables and takes captures only by way of libvirt`,
      `Unset VAGRANT_DEFAULT_PROVIDER. To have a lab's machines on ${hypervisor}: WIRELAB_LAB=NAME vagrant up`,
    )
  if (!(await hasProgram('vagrant')))
    return missing(
      cannot,
      'vagrant is not installed',
      'Install it: apt-get install vagrant vagrant-libvirt ruby-ed25519 ruby-bcrypt-pbkdf',
    )
  return there((await vagrant('--version')).stdout.trim())
}

async function checkPlugin(): Promise<Finding> {
  const { stdout } = await vagrant('plugin', 'list')
  const [found] = /vagrant-libvirt \([^)]*\)/.exec(stdout) ?? []
  return found !== undefined
    ? there(found)
    : missing(
        cannot,
        'Vagrant lacks the plugin vagrant-libvirt',
        'Install it: apt-get install vagrant-libvirt, or: vagrant plugin install vagrant-libvirt',
      )
}

async function checkLibvirt(): Promise<Finding> {
  if (!(await hasProgram('virsh')))
    return missing(cannot, 'virsh is not installed', 'Install it: apt-get install libvirt-clients')
  try {
    await virsh('uri')
    return there(`libvirt at ${libvirtUri()}`)
  } catch (error) {
    return missing(
      cannot,
      `libvirtd does not answer at ${libvirtUri()} (${isCommandFault(error) ? error.detail.problem : messageOf(error)})`,
      'Install and start it: apt-get install libvirt-daemon-system; systemctl start libvirtd. ' +
        'Without root, join the group libvirt.',
      error,
    )
  }
}

async function checkBox({ image }: NeedContext): Promise<Finding> {
  if (image === undefined) return missing(cannot, 'there is no image to make a box of', ownCommand('setup'))
  const name = boxName(image)
  return existsSync(join(vagrantHome(), 'boxes', name))
    ? there(`box ${name}`)
    : missing(
        cannot,
        `the box ${name} is not in Vagrant`,
        `${ownCommand(`image box ${image.name}`)} makes it, and prints the line that adds it`,
      )
}
