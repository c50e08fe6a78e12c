import type { Abilities, Provider } from '../provider.ts'
import { bringUpTestbed } from '../testbed.ts'
import { chooseLibvirtAccelerator } from './kvm-probe.ts'
import { libvirtLeftovers } from './leftovers.ts'
import { vagrantNeeds } from './vagrant-needs.ts'
import { oneBox } from './vagrant-plan.ts'
import { libvirtUri, libvirtVersions } from './virsh.ts'

const can: Abilities = {
  keep: {
    no: "cannot keep Vagrant's machines up after a run",
    remedy: 'WIRELAB_LAB=NAME vagrant up brings them up to stay, without the steps',
  },
  plugNics: { no: 'through Vagrant no NIC can be plugged into a machine that runs' },
  capture: 'yes',
  images: oneBox,
  snapshots: { no: 'machines that Vagrant made are not saved' },
}

/** What QEMU takes beside the memory of a machine, none of which machines share here: translations and its heap. */
const ownMiB = 100

/** Machines by Vagrant under libvirt, from our own box; cables as pairs of UDP sockets. */
export const vagrantProvider: Provider = {
  name: 'vagrant',
  can,
  needs: vagrantNeeds,
  async describe({ image, accelerator: wish, signal }) {
    const { accelerator } = await chooseLibvirtAccelerator(image, wish, signal)
    return { accelerator, qemu: (await libvirtVersions()).qemu }
  },
  // Another host's memory is not ours to count.
  memoryMiB: ({ machines }) =>
    libvirtUri().startsWith('qemu:///') ? machines.reduce((sum, { memoryMiB }) => sum + memoryMiB + ownMiB, 0) : 0,
  async bringUp(plan, options) {
    const { vagrantDriver } = await import('./vagrant-driver.ts')
    return bringUpTestbed(plan, vagrantDriver(plan, options), can, options)
  },
  listKept: async () => [],
  leftovers: libvirtLeftovers,
}
