import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { boxName } from '../../image/box.ts'
import type { Image } from '../../image/image.ts'
import type { Plan, PlannedMachine } from '../../plan.ts'
import { changeMachine, type MachineChanges, machineNamed } from '../change-machine.ts'
import type { BringUpOptions, Provider, Testbed } from '../provider.ts'
import { nicNamed } from '../qemu/cables.ts'
import { watchProcessorWaits } from '../qmp/processor-waits.ts'
import { wiringOf } from '../wiring.ts'
import { watchDomainEnds } from './domain-ends.ts'
import { pidOfDomain } from './domain-process.ts'
import { freePorts } from './free-ports.ts'
import { belongingsOf, removeBelongings } from './leftovers.ts'
import { libvirtCables } from './libvirt-cables.ts'
import { captureAtLibvirt, whyNoCaptures } from './libvirt-captures.ts'
import { provideNetwork, removeIdleNetwork, withVagrantLock } from './management-network.ts'
import { makeRunPrefix } from './run-names.ts'
import { parseSshConfig, type SshHost, sshHostOf } from './ssh-config.ts'
import { vagrantOfRun } from './vagrant-command.ts'
import { logInToMachine, type VagrantMachine } from './vagrant-machine.ts'
import { vagrantPlanOf } from './vagrant-plan.ts'
import { virsh } from './virsh.ts'

export interface VagrantProviderOptions {
  readonly image: Image
  readonly accelerator: 'kvm' | 'tcg'
  /** How long Vagrant may take to bring a lab's machines up; five minutes by default. */
  readonly upMs?: number
  onProgress(message: string): void
}

/** Under emulation two machines take one minute on a quiet host. */
const defaultUpMs = 300_000
const askMs = 60_000
const destroyMs = 60_000

/** Machines by Vagrant under libvirt, from our own box; cables as pairs of UDP sockets. */
export const vagrantProvider = (options: VagrantProviderOptions): Provider => ({
  name: 'vagrant',
  bringUp: (plan, bringUpOptions) => bringUp(plan, options, bringUpOptions),
})

async function bringUp(plan: Plan, options: VagrantProviderOptions, bring: BringUpOptions): Promise<Testbed> {
  const { image, accelerator, upMs = defaultUpMs, onProgress } = options
  const { logs, signal, onReady, onDeath } = bring
  const cannot = `cannot bring up ${plan.lab}/${plan.variant.name}`
  const prefix = makeRunPrefix()
  const runtimeFolder = makeRuntimeFolder()
  const planFile = join(runtimeFolder.path, 'plan.json')
  const vagrant = vagrantOfRun(planFile, runtimeFolder.path, join(logs, 'vagrant.log'))
  const onWait = () => onProgress('waiting for another run to bring its machines up')
  const machines = new Map<string, VagrantMachine>()
  const downs = new Map<string, string>()
  const wiring = wiringOf(plan, libvirtCables)
  const ends = watchDomainEnds()
  let ending = false
  let tornDown: Promise<void> | undefined

  /** Vagrant forgets its machines, and then whatever it left of them is removed; in a bounded time, come what may. */
  const removeAll = async () => {
    ending = true
    for (const machine of machines.values()) machine.disconnect()
    await vagrant
      .run(['destroy', '--force'], { cannot: 'cannot remove machines', timeoutMs: destroyMs })
      .catch(() => {})
    const troubles = await belongingsOf((name) => name.startsWith(prefix))
      .then(removeBelongings)
      .catch((error: unknown) => [messageOf(error)])
    for (const trouble of [...troubles, ...(await removeIdleNetwork())])
      onProgress(`cannot remove all of ${prefix}*: ${trouble}`)
    await ends.close()
    runtimeFolder.remove()
  }
  const tearDown = () => (tornDown ??= removeAll())

  const enter = async (planned: PlannedMachine, sshHost: SshHost) => {
    const { name } = planned
    const domain = `${prefix}${name}`
    const ended = ends.next(domain)
    const machine = await logInToMachine(planned, { image, domain, sshHost, ended, signal })
    machines.set(name, machine)
    await wiring.wire(name, machine)
    downs.delete(name)
    void ended.then((reason) => {
      if (ending || downs.has(name) || machines.get(name) !== machine) return
      onDeath(name, reason, consoleTail(logs, name))
      machine.disconnect()
    })
  }

  const startedMs = performance.now()
  try {
    const ports = await freePorts(2 * plan.cables.length)
    const box = boxName(image)
    const vagrantPlan = vagrantPlanOf(plan, { prefix, accelerator, packages: [], box, ports, consoles: logs })
    writeFileSync(planFile, JSON.stringify(vagrantPlan))
    await withVagrantLock(signal, onWait, async () => {
      await provideNetwork(runtimeFolder.path)
      await vagrant.run(['up', '--no-provision'], { cannot, timeoutMs: upMs, signal, onProgress })
    })
    const hosts = parseSshConfig(await vagrant.run(['ssh-config'], { cannot, timeoutMs: askMs, signal }))
    await Promise.all(
      plan.machines.map(async (planned) => {
        await enter(planned, sshHostOf(hosts, planned.name))
        onReady(planned.name, performance.now() - startedMs)
      }),
    )
  } catch (error) {
    await tearDown()
    throw error
  }

  const usable = (name: string) => machineNamed(name, { machines, downs })
  const changes: MachineChanges = {
    plan,
    wiring,
    machines,
    downs,
    signal,
    // The same domain, which booted from the box the first time too; its layer over that was in its memory.
    async startAnew(planned) {
      const { domain, sshHost } = machines.get(planned.name) ?? {}
      if (domain === undefined || sshHost === undefined) throw machineryError(`cannot find machine ${planned.name}`)
      await virsh('start', domain)
      await enter(planned, sshHost)
    },
  }
  const pids = new Map<string, number | undefined>()

  const noCaptures = await whyNoCaptures(plan, machines, logs)
  return {
    machine: usable,
    ...(noCaptures === undefined ? {} : { noCaptures }),
    async captureCable(endpoint, file) {
      const [name = '', nicName = ''] = endpoint.split(':')
      const machine = usable(name)
      const nic = nicNamed(machine.planned, nicName)
      if (!nic) throw machineryError(`cannot capture at ${endpoint}: it is no end of a cable`)
      return { end: await captureAtLibvirt(machine, nic, file) }
    },
    unsupported: (event) =>
      event.kind === 'nic' ? 'through Vagrant no NIC can be plugged into a machine that runs' : undefined,
    watchProcessorWaits: () =>
      watchProcessorWaits(() =>
        [...machines.values()].flatMap(({ domain }) => {
          if (!pids.has(domain)) pids.set(domain, pidOfDomain(domain))
          return pids.get(domain) ?? []
        }),
      ),
    setLink: (event) => wiring.setLink(event),
    async setMachine(event) {
      await changeMachine(event, changes)
      pids.clear()
    },
    async setNic({ endpoint }) {
      throw machineryError(`cannot change the NIC ${endpoint.nic} of ${endpoint.node}: it is Vagrant's machine`)
    },
    tearDown,
    detach() {
      throw machineryError("cannot leave Vagrant's machines up")
    },
  }
}

/** The last lines of a machine's console, if this user may read them. */
function consoleTail(logs: string, name: string): string {
  try {
    return readFileSync(join(logs, `${name}.console.log`), 'latin1')
      .trimEnd()
      .split('\n')
      .slice(-15)
      .join('\n')
  } catch {
    return ''
  }
}
