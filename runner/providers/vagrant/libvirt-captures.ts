import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { Plan, PlannedMachine, PlannedNic } from '../../plan.ts'
import { startCableCapture } from '../qmp/nic-filters.ts'
import { type Domain, libvirtBackendOf } from './libvirt-cables.ts'
import { qmpOf } from './virsh.ts'

/** Keeps every frame that passes a NIC in `file`. Returns what ends it. @throws WirelabError of kind machinery */
export const captureAtLibvirt = (domain: Domain, nic: PlannedNic, file: string): Promise<() => Promise<void>> =>
  startCableCapture(qmpOf(domain.name), libvirtBackendOf(domain, nic), file)

/**
 * Why cables cannot be captured; undefined when they can. QEMU writes captures itself, as the user that libvirt runs it
 * as, and within what the host's security policy lets that one write. Whether it can is tried, for labs that need it.
 */
export async function whyNoCaptures(
  { variant, machines }: Plan,
  domainOf: (planned: PlannedMachine) => Domain,
  logs: string,
): Promise<string | undefined> {
  if (!variant.steps.some(({ captures }) => captures.some(({ where }) => where === 'cable'))) return undefined
  const machine = machines.find(({ nics }) => nics.some(({ plugged }) => plugged))
  const nic = machine?.nics.find(({ plugged }) => plugged)
  if (!machine || !nic) return undefined
  const file = join(logs, 'probe.pcap')
  try {
    const end = await captureAtLibvirt(domainOf(machine), nic, file)
    await end()
    return undefined
  } catch (error) {
    return `libvirt's QEMU cannot write captures: ${messageOf(error)}`
  } finally {
    rmSync(file, { force: true })
  }
}
