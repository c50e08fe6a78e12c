import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { messageOf } from '../../errors.ts'
import type { Variant } from '../../lab/lab.ts'
import { planRun } from '../../plan.ts'
import { bringUpTestbed } from '../testbed.ts'
import { type FakeVagrant, makeFakeVagrant, noImage, virshWith } from './fake-vagrant.ts'
import { libvirtLeftovers } from './leftovers.ts'
import { removeIdleNetwork, withVagrantLock } from './management-network.ts'
import { isLeftover, makeRunPrefix } from './run-names.ts'
import { vagrantDriver } from './vagrant-driver.ts'
import { vagrantProvider } from './vagrant-provider.ts'

const test = ava as TestFn<FakeVagrant>

test.beforeEach((t) => {
  t.context = makeFakeVagrant()
  t.context.program('virsh', virshWith([]))
})
test.afterEach.always((t) => t.context.remove())

const variant: Variant = {
  name: 'default',
  values: {},
  nodes: [{ name: 'alone' }],
  links: [],
  steps: [],
  crashCases: [],
}

/** Brings a machine up, which never works; returns the error, the time it took, and what Vagrant's log holds. */
async function failToBringUp(
  { folder }: FakeVagrant,
  signal = new AbortController().signal,
  upMs = 30_000,
  isLost = false,
) {
  const logs = mkdtempSync(join(folder, 'logs-'))
  if (isLost) mkdirSync(join(logs, 'vagrant.log'))
  const [progress, lost]: [string[], string[]] = [[], []]
  const options = {
    image: noImage,
    accelerator: 'tcg' as const,
    keep: false,
    upMs,
    ...{ logs, signal },
    onProgress: (message: string) => progress.push(message),
    onReady: () => {},
    onDeath: () => {},
    onLost: (file: string, cause: unknown) => lost.push(`${file}: ${messageOf(cause)}`),
  }
  const plan = planRun('a-lab', variant)
  const startedMs = performance.now()
  const error = await bringUpTestbed(plan, vagrantDriver(plan, options), vagrantProvider.can, options).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )
  const tookMs = performance.now() - startedMs
  const printed = isLost ? '' : readFileSync(join(logs, 'vagrant.log'), 'utf8')
  return { error, tookMs, progress, lost, log: printed }
}

test.serial(
  'a failed up is one error with the last lines, all of which are in the log, and is destroyed',
  async (t) => {
    t.context.program(
      'vagrant',
      'case $1 in up) echo "==> alone: Starting domain."; echo "it rains" >&2; exit 1 ;; esac',
    )
    const { error, log, progress } = await failToBringUp(t.context)
    t.is(
      error?.message,
      'cannot bring up a-lab/default: vagrant up ended with exit code 1; its last lines:\n  ==> alone: Starting domain.\n  it rains',
    )
    t.regex(log, /\$ vagrant up --no-provision\n==> alone: Starting domain\.\nit rains\n\$ vagrant destroy --force/)
    t.deepEqual(progress, ['vagrant: alone: Starting domain.'])
    t.true(t.context.calls().some((call) => call.startsWith('vagrant destroy --force')))
  },
)

test.serial(
  'a log that cannot be written is told of once, and changes nothing of what comes of the machines',
  async (t) => {
    t.context.program('vagrant', 'case $1 in up) echo "it rains" >&2; exit 1 ;; esac')
    const { error, lost } = await failToBringUp(t.context, undefined, 30_000, true)
    t.regex(messageOf(error), /vagrant up ended with exit code 1; its last lines:\n {2}it rains$/)
    t.is(lost.length, 1)
    t.regex(lost[0] ?? '', /^vagrant\.log: EISDIR/)
  },
)

test.serial('a name that is taken is told of, with what frees it', async (t) => {
  const words = 'Name `wirelab-run-x-alone` of domain about to create is already taken. Please try to run again.'
  t.context.program('vagrant', `case $1 in up) echo '${words}' >&2; exit 1 ;; esac`)
  const { error } = await failToBringUp(t.context)
  t.is(messageOf(error), 'cannot bring up a-lab/default: the name wirelab-run-x-alone is taken in libvirt')
  t.like(error, { kind: 'machinery' })
  t.regex(String((error as { remedy?: string }).remedy), /npm run lab down/)
})

test.serial('an up that hangs is ended in its time, and what it made is removed', async (t) => {
  t.context.program(
    'vagrant',
    'case $1 in up) echo "==> alone: Waiting for domain to get an IP address..."; exec sleep 60 ;; esac',
  )
  const { error, tookMs } = await failToBringUp(t.context, undefined, 700)
  t.regex(
    messageOf(error),
    /^cannot bring up a-lab\/default: vagrant up: it had not ended after 0\.7 s; its last lines:/,
  )
  t.regex(messageOf(error), /Waiting for domain to get an IP address/)
  t.true(tookMs < 10_000, `it took ${tookMs} ms`)
  t.true(t.context.calls().some((call) => call.startsWith('vagrant destroy')))
})

test.serial(
  'an interrupted up ends with the reason of the signal, and leaves no domain, volume or network',
  async (t) => {
    const controller = new AbortController()
    t.context.program('vagrant', 'case $1 in up) exec sleep 60 ;; destroy) exit 1 ;; esac')
    const left = `${makeRunPrefix().replace(/[^-]+-$/, '')}`
    // The prefix after the next is not known yet, so that all of this process count as the run's.
    const names = Array.from({ length: 40 }, (_, at) => `${left}${at.toString(36)}-alone`)
    t.context.program(
      'virsh',
      virshWith(
        names,
        names.map((name) => `${name}.img`),
      ),
    )
    setTimeout(() => controller.abort(new Error('ended by SIGINT')), 400)
    const { error } = await failToBringUp(t.context, controller.signal)
    t.is(messageOf(error), 'ended by SIGINT')
    const calls = t.context.calls().join('\n')
    t.regex(calls, /virsh .* destroy wirelab-run-\S+-alone\n.*undefine wirelab-run-\S+-alone\n/)
    t.regex(calls, /virsh .* vol-delete --pool default wirelab-run-\S+-alone\.img/)
    t.is(calls.split('\n').filter((call) => call.includes(' undefine ')).length, 1, 'only what is its own')
    t.false(
      readdirSync(t.context.folder).some(
        (name) => name.startsWith('wirelab-') && existsSync(join(t.context.folder, name, 'plan.json')),
      ),
    )
  },
)

test('a run in another PID namespace is not to be seen, so nothing is its leftover', (t) => {
  t.false(isLeftover(`${makeRunPrefix().replace(/^(wirelab-run-[^-]+-)[^-]+-[^-]+/, '$1zz-zzzzzz')}host`))
})

test('a name tells whether its run is gone', (t) => {
  t.false(isLeftover(`${makeRunPrefix()}host`))
  t.true(isLeftover('wirelab-run-00000000-1-zzzzzz-1-0-host'))
  t.true(isLeftover('wirelab-run-00000000-1-zzzzzz-1-0-host.img'))
  t.true(isLeftover(`${makeRunPrefix().replace(/[^-]+-[^-]+-[^-]+-$/, 'zzzzzz-1-0-')}host`))
  t.false(isLeftover('wirelab-37dbb9-bridge-veth-host'), "a person's own vagrant up")
  t.false(isLeftover('another'))
})

test.serial(
  'what runs that are gone left is found, and removed with the network when nothing else needs it',
  async (t) => {
    const [mine, gone] = [`${makeRunPrefix()}host`, 'wirelab-run-00000000-1-zzzzzz-1-0-host']
    t.context.program(
      'virsh',
      virshWith([mine, gone, 'windows'], [`${gone}.img`, 'wirelab-debian-12_vagrant_box_image_0_box.img']),
    )
    const left = [gone, `volume ${gone}.img`]
    t.deepEqual(await libvirtLeftovers.find(), left)
    t.deepEqual(await libvirtLeftovers.remove(), left)
    t.false(
      t.context.calls().some((call) => call.includes('net-destroy')),
      'another run has it',
    )
    t.context.program('virsh', virshWith(['windows']))
    t.deepEqual(await libvirtLeftovers.find(), ['network wirelab'])
    t.deepEqual(await libvirtLeftovers.remove(), ['network wirelab'])
    t.true(t.context.calls().some((call) => call.endsWith('net-undefine wirelab')))
  },
)

test.serial('the network stays while another run brings machines up', async (t) => {
  await withVagrantLock(
    new AbortController().signal,
    () => {},
    async () => t.deepEqual(await removeIdleNetwork(), []),
  )
  t.false(t.context.calls().some((call) => call.includes('net-undefine')))
})

test.serial('where there is no libvirt nothing is left', async (t) => {
  t.context.program('virsh', "echo 'error: failed to connect' >&2; exit 1")
  t.deepEqual(await libvirtLeftovers.find(), [])
})

test.serial('machines are let in when the host has all of their memory, but where libvirt is on another host', (t) => {
  const nodes = [{ name: 'a' }, { name: 'b', memoryMiB: 512 }, { name: 'inside', namespaceOf: 'a' }]
  const plan = planRun('a-lab', { ...variant, nodes })
  t.is(vagrantProvider.memoryMiB?.(plan), 384 + 512 + 2 * 100)
  const before = process.env['LIBVIRT_DEFAULT_URI']
  process.env['LIBVIRT_DEFAULT_URI'] = 'qemu+ssh://elsewhere/system'
  t.is(vagrantProvider.memoryMiB?.(plan), 0)
  if (before === undefined) delete process.env['LIBVIRT_DEFAULT_URI']
  else process.env['LIBVIRT_DEFAULT_URI'] = before
})
