import type { Qmp } from './qmp.ts'

/** QEMU names a filter's queue as the backend sees it: it receives what the machine sends. */
const queues = { in: 'tx', out: 'rx', both: 'all' } as const

let silences = 0

/**
 * Lets all frames vanish that come in at a NIC (given by its network backend in QEMU), go out, or both; its carrier
 * stays. Done by a filter that sends them to a device that swallows all. Returns what ends it.
 */
export async function silenceNic(
  qmp: Pick<Qmp, 'execute'>,
  backend: string,
  direction: 'in' | 'out' | 'both',
): Promise<() => Promise<void>> {
  const id = `silence${silences++}`
  const device = `${id}-nowhere`
  await qmp.execute('chardev-add', { id: device, backend: { type: 'null', data: {} } })
  await qmp.execute('object-add', {
    'qom-type': 'filter-redirector',
    id,
    netdev: backend,
    queue: queues[direction],
    outdev: device,
  })
  return async () => {
    await qmp.execute('object-del', { id })
    await qmp.execute('chardev-remove', { id: device })
  }
}
