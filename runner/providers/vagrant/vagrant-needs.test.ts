import ava, { type TestFn } from 'ava'
import { boxName } from '../../image/box.ts'
import { demandNeeds } from '../needs.ts'
import { type FakeVagrant, makeFakeVagrant, noImage } from './fake-vagrant.ts'
import { vagrantNeeds } from './vagrant-needs.ts'

const test = ava as TestFn<FakeVagrant>

test.beforeEach((t) => {
  t.context = makeFakeVagrant()
})
test.afterEach.always((t) => t.context.remove())

const demandVagrant = () =>
  demandNeeds(vagrantNeeds, { image: noImage, accelerator: 'auto', signal: new AbortController().signal })

const good = 'case $1 in --version) echo Vagrant 2.3.4 ;; plugin) echo "vagrant-libvirt (0.11.2, system)" ;; esac'

test.serial('where all is there, nothing is said', async (t) => {
  t.context.program('vagrant', good)
  t.context.program('virsh', 'echo qemu:///system')
  t.context.addBox(boxName(noImage))
  await t.notThrowsAsync(demandVagrant())
})

test.serial('without Vagrant one message says so, and what installs it', async (t) => {
  const error = await t.throwsAsync(demandVagrant(), {
    message: 'cannot run labs through Vagrant: vagrant is not installed',
  })
  t.like(error, { kind: 'machinery' })
  t.regex(String((error as { remedy?: string }).remedy), /^Install it: apt-get install vagrant /)
})

test.serial('without the plugin one message says so, and what installs it', async (t) => {
  t.context.program(
    'vagrant',
    'case $1 in --version) echo Vagrant 2.3.4 ;; plugin) echo "No plugins installed." ;; esac',
  )
  const error = await t.throwsAsync(demandVagrant(), {
    message: 'cannot run labs through Vagrant: Vagrant lacks the plugin vagrant-libvirt',
  })
  t.regex(String((error as { remedy?: string }).remedy), /vagrant plugin install vagrant-libvirt/)
})

test.serial('a libvirt that does not run is told of in its own words, with what starts it', async (t) => {
  t.context.program('vagrant', good)
  t.context.program('virsh', "echo 'error: failed to connect to the hypervisor' >&2; exit 1")
  const error = await t.throwsAsync(demandVagrant(), {
    message:
      /^cannot run labs through Vagrant: libvirtd does not answer at \S+ \(failed to connect to the hypervisor\)$/,
  })
  t.regex(String((error as { remedy?: string }).remedy), /systemctl start libvirtd/)
})

test.serial('a box that is missing is named, with the command that makes it', async (t) => {
  t.context.program('vagrant', good)
  t.context.program('virsh', 'echo qemu:///system')
  const error = await t.throwsAsync(demandVagrant(), {
    message: `cannot run labs through Vagrant: the box ${boxName(noImage)} is not in Vagrant`,
  })
  t.regex(String((error as { remedy?: string }).remedy), /npm run lab image box/)
})

test.serial('a hypervisor through which the runner can do nothing is refused', async (t) => {
  process.env['VAGRANT_DEFAULT_PROVIDER'] = 'virtualbox'
  await t.throwsAsync(demandVagrant(), { message: /^cannot run labs through Vagrant on virtualbox: / })
})
