import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { Plan, PlannedNic } from '../../plan.ts'
import { startCableCapture } from '../qmp/nic-filters.ts'
import { libvirtBackendOf } from './libvirt-cables.ts'
import type { VagrantMachine } from './vagrant-machine.ts'
import { qmpOf } from './virsh.ts'

/** Keeps every frame that passes a NIC in `file`. Returns what ends it. @throws WirelabError of kind machinery */
export const captureAtLibvirt = (
  machine: VagrantMachine,
  nic: PlannedNic,
  file: string,
): Promise<() => Promise<void>> => startCableCapture(qmpOf(machine.domain), libvirtBackendOf(machine, nic), file)

/**
 * Why cables cannot be captured; undefined when they can. QEMU writes captures itself, as the user that libvirt runs it
 * as, and within what the host's security policy lets that one write. Whether it can is tried, for labs that need it.
 */
export async function whyNoCaptures(
  { variant, machines: planned }: Plan,
  machines: ReadonlyMap<string, VagrantMachine>,
  logs: string,
): Promise<string | undefined> {
  if (!variant.steps.some(({ captures }) => captures.some(({ where }) => where === 'cable'))) return undefined
  const [nic, machine] =
    planned.flatMap(({ name, nics }) =>
      nics.filter(({ plugged }) => plugged).map((one) => [one, machines.get(name)] as const),
    )[0] ?? []
  if (!nic || !machine) return undefined
  const file = join(logs, 'probe.pcap')
  try {
    const end = await captureAtLibvirt(machine, nic, file)
    await end()
    return undefined
  } catch (error) {
    return `libvirt's QEMU cannot write captures: ${messageOf(error)}`
  } finally {
    rmSync(file, { force: true })
  }
}
