import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { Plan, PlannedMachine, PlannedNic } from '../../plan.ts'
import type { CableCapture } from '../driver.ts'
import { startCableCapture } from '../qmp/cable-capture.ts'
import { type VirtualClock, virtualClock } from '../qmp/virtual-clock.ts'
import { type Domain, libvirtBackendOf } from './libvirt-cables.ts'
import { qmpOf } from './virsh.ts'

/** Keeps every frame that passes a NIC in `file`, until ended. @throws WirelabError of kind machinery */
export const captureAtLibvirt = (
  domain: Domain,
  nic: PlannedNic,
  file: string,
  clock: VirtualClock,
): Promise<CableCapture> =>
  startCableCapture(
    { qmp: qmpOf(domain.name), clock, backend: libvirtBackendOf(domain, nic), zonesS: [0, zoneAheadS()] },
    file,
  )

/** How far this host's time zone is ahead of UTC without daylight saving, which QEMU leaves out, in seconds. */
function zoneAheadS(): number {
  const year = new Date().getFullYear()
  return -60 * Math.max(...[0, 6].map((month) => new Date(year, month).getTimezoneOffset()))
}

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
    const domain = domainOf(machine)
    const capture = await captureAtLibvirt(domain, nic, file, virtualClock(qmpOf(domain.name)))
    await capture.end()
    return undefined
  } catch (error) {
    return `libvirt's QEMU cannot write captures: ${messageOf(error)}`
  } finally {
    rmSync(file, { force: true })
  }
}
