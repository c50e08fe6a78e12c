import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineryError, messageOf } from '../../errors.ts'
import { hostNowMs } from '../../host/host-now.ts'
import { consoleFile } from '../../host/results-folder.ts'
import { makeRuntimeFolder } from '../../host/runtime-folder.ts'
import { boxName } from '../../image/box.ts'
import type { Plan, PlannedMachine } from '../../plan.ts'
import type { DrivenMachine, Driver } from '../driver.ts'
import type { BringUpOptions } from '../provider.ts'
import { type VirtualClock, virtualClock } from '../qmp/virtual-clock.ts'
import { type DomainEnds, watchDomainEnds } from './domain-ends.ts'
import { pidOfDomain } from './domain-process.ts'
import { freePorts } from './free-ports.ts'
import { belongingsOf, removeBelongings } from './leftovers.ts'
import { type Domain, libvirtCables } from './libvirt-cables.ts'
import { captureAtLibvirt, whyNoCaptures } from './libvirt-captures.ts'
import { provideNetwork, removeIdleNetwork, withVagrantLock } from './management-network.ts'
import { makeRunPrefix } from './run-names.ts'
import { parseSshConfig, sshHostOf } from './ssh-config.ts'
import { type VagrantOfRun, vagrantOfRun } from './vagrant-command.ts'
import { type LogInOptions, logInToMachine } from './vagrant-machine.ts'
import { vagrantPlanOf } from './vagrant-plan.ts'
import { isNoDomain, qmpOf, virsh } from './virsh.ts'

/** Under emulation two machines take one minute on a quiet host. */
const upMs = 300_000
const askMs = 60_000
const destroyMs = 60_000

export interface VagrantDriverOptions extends BringUpOptions {
  /** How long Vagrant may take to bring a lab's machines up; five minutes by default. */
  readonly upMs?: number
}

/** What a bring-up through Vagrant has of its own. */
interface VagrantRun {
  readonly plan: Plan
  readonly options: VagrantDriverOptions
  readonly cannot: string
  /** What the names of its domains begin with. */
  readonly prefix: string
  /** Short-lived, for what Vagrant keeps. */
  readonly folder: string
  readonly planFile: string
  readonly vagrant: VagrantOfRun
  readonly ends: DomainEnds
}

/** Starts machines by Vagrant, all at once; libvirt starts those again that have ended. */
export function vagrantDriver(plan: Plan, options: VagrantDriverOptions): Driver<Domain> {
  const runtimeFolder = makeRuntimeFolder()
  const folder = runtimeFolder.path
  const planFile = join(folder, 'plan.json')
  const run: VagrantRun = {
    ...{ plan, options, folder, planFile },
    cannot: `cannot bring up ${plan.lab}/${plan.variant.name}`,
    prefix: makeRunPrefix(),
    vagrant: vagrantOfRun(planFile, folder, options),
    ends: watchDomainEnds(),
  }
  const domainOf = (planned: PlannedMachine): Domain => ({ name: `${run.prefix}${planned.name}`, planned })
  const domains = new Map(plan.machines.map((planned) => [planned.name, domainOf(planned)]))
  const pids = new Map<string, number | undefined>()
  const started = new Set<string>()
  const clocks = new Map<string, VirtualClock>()
  let hosts: ReadonlyMap<string, string> = new Map()

  return {
    cables: libvirtCables,
    async begin() {
      hosts = await vagrantUp(run)
    },
    async start(planned, nics, signal) {
      const domain = domainOf(planned)
      // The same domain, which booted from the box the first time too; its layer over that was in its memory.
      if (started.has(planned.name)) await virsh('start', domain.name)
      started.add(planned.name)
      pids.delete(domain.name)
      const clock = virtualClock(qmpOf(domain.name))
      const machine = await enter(run, domain, {
        ...{ sshHost: sshHostOf(hosts, planned.name), clock, signal },
        onNic: nics.onNic,
      })
      clocks.set(planned.name, clock)
      await nics.wire(domain)
      return machine
    },
    async capture(name, nic, file) {
      const domain = domains.get(name)
      const clock = clocks.get(name)
      if (!domain || !clock) throw machineryError(`cannot find machine ${name}`)
      return captureAtLibvirt(domain, nic, file, clock)
    },
    whyNoCaptures: () => whyNoCaptures(plan, domainOf, options.logs),
    pids: () => {
      const known = [...domains.values()].map(({ name, planned }) => {
        if (!pids.has(name)) pids.set(name, pidOfDomain(name))
        return [pids.get(name), planned.name] as const
      })
      return new Map(known.flatMap(([pid, machine]) => (pid === undefined ? [] : [[pid, machine]])))
    },
    async remove() {
      await removeAll(run)
      runtimeFolder.remove()
    },
    detach() {
      throw machineryError("cannot leave Vagrant's machines up")
    },
  }
}

/** Lets Vagrant bring all machines up. Returns where their SSH servers are. */
async function vagrantUp({ plan, options, cannot, prefix, folder, planFile, vagrant }: VagrantRun) {
  const { image, accelerator, logs, signal, onProgress } = options
  const ports = await freePorts(2 * plan.cables.length)
  const box = boxName(image)
  const vagrantPlan = vagrantPlanOf(plan, { prefix, accelerator, packages: [], box, ports, consoles: logs })
  writeFileSync(planFile, JSON.stringify(vagrantPlan))
  const onWait = () => onProgress('waiting for another run to bring its machines up')
  await withVagrantLock(signal, onWait, async () => {
    await provideNetwork(folder)
    const timeoutMs = options.upMs ?? upMs
    await vagrant.run(['up', '--no-provision'], { cannot, timeoutMs, signal, onProgress })
  })
  return parseSshConfig(await vagrant.run(['ssh-config'], { cannot, timeoutMs: askMs, signal }))
}

/** Logs in to a machine whose domain runs. */
async function enter(
  { options: { image, logs }, ends }: VagrantRun,
  { name: domain, planned }: Domain,
  { clock, ...way }: Pick<LogInOptions, 'sshHost' | 'onNic' | 'signal'> & { clock: VirtualClock },
): Promise<DrivenMachine> {
  const ended = ends.next(domain).then((how) => `its domain ended${how && ` (${how.toLowerCase()})`}`)
  return {
    connection: await logInToMachine(planned, { image, ended, ...way }),
    ended,
    consoleTail: () => consoleTail(logs, planned.name),
    async pause() {
      clock.stand()
      await virsh('suspend', domain)
    },
    async resume() {
      const sinceMs = hostNowMs()
      await virsh('resume', domain)
      clock.goOn(sinceMs)
    },
    async end() {
      await virsh('destroy', domain).catch((error: unknown) => {
        if (!isNoDomain(error)) throw error
      })
    },
  }
}

/** Vagrant forgets its machines, and then whatever it left of them is removed; in a bounded time, come what may. */
async function removeAll({ prefix, options: { onProgress }, vagrant, ends }: VagrantRun): Promise<void> {
  await vagrant.run(['destroy', '--force'], { cannot: 'cannot remove machines', timeoutMs: destroyMs }).catch(() => {})
  vagrant.close()
  const troubles = await belongingsOf((name) => name.startsWith(prefix))
    .then(removeBelongings)
    .catch((error: unknown) => [messageOf(error)])
  for (const trouble of [...troubles, ...(await removeIdleNetwork())])
    onProgress(`cannot remove all of ${prefix}*: ${trouble}`)
  await ends.close()
}

/** The last lines of a machine's console, if this user may read them. */
function consoleTail(logs: string, name: string): string {
  try {
    const text = readFileSync(join(logs, consoleFile(name, 1)), 'latin1')
    return text.trimEnd().split('\n').slice(-15).join('\n')
  } catch {
    return ''
  }
}
