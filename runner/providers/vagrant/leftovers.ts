import { machineryError, messageOf } from '../../errors.ts'
import { hasProgram } from '../../host/host-packages.ts'
import type { Leftovers } from '../provider.ts'
import { isNetworkIdle, removeIdleNetwork } from './management-network.ts'
import { isLeftover, managementNetwork } from './run-names.ts'
import { virsh, virshLines } from './virsh.ts'

/** What is in libvirt, by name. */
export interface Belongings {
  readonly domains: readonly string[]
  /** Volumes with their pools. */
  readonly volumes: readonly { readonly pool: string; readonly name: string }[]
}

/** The domains and volumes whose names a rule picks. @throws WirelabError of kind machinery without libvirt */
export async function belongingsOf(isMeant: (name: string) => boolean): Promise<Belongings> {
  const domains = (await virshLines('list', '--all', '--name')).filter(isMeant)
  const pools = await virshLines('pool-list', '--name')
  const volumes = await Promise.all(
    pools.map(async (pool) =>
      // The second column is the path, which may hold spaces; a name has none.
      (await virshLines('vol-list', pool))
        .map((line) => ({ pool, name: line.split(/\s/)[0] ?? '' }))
        .filter(({ name }) => isMeant(name)),
    ),
  )
  return { domains, volumes: volumes.flat() }
}

/** Removes domains and volumes. Returns what could not be removed, in words. */
export async function removeBelongings({ domains, volumes }: Belongings): Promise<string[]> {
  const troubles: string[] = []
  const attempt = async (...words: readonly string[]) => {
    await virsh(...words).catch((error: unknown) => troubles.push(messageOf(error)))
  }
  for (const domain of domains) {
    // One that does not run cannot be destroyed, and has nothing that must be.
    await virsh('destroy', domain).catch(() => {})
    await attempt('undefine', domain)
  }
  for (const { pool, name } of volumes) await attempt('vol-delete', '--pool', pool, name)
  return troubles
}

/** What runs that are gone have left in libvirt; nothing where there is no libvirt. */
export const libvirtLeftovers: Leftovers = {
  place: 'libvirt',
  find: async () => namesOf(await findLeftovers()),
  async remove() {
    const found = await findLeftovers()
    const names = namesOf(found)
    if (names.length === 0) return []
    const troubles = [...(await removeBelongings(found)), ...(await removeIdleNetwork())]
    if (troubles.length > 0)
      throw machineryError(`cannot remove all that crashed runs left in libvirt: ${troubles.join('; ')}`)
    return names
  },
}

interface Found extends Belongings {
  /** The network is there, and no machine has a NIC in it. */
  readonly idleNetwork: boolean
}

async function findLeftovers(): Promise<Found> {
  const nothing = { domains: [], volumes: [], idleNetwork: false }
  if (!(await hasProgram('virsh'))) return nothing
  const find = async () => ({ ...(await belongingsOf(isLeftover)), idleNetwork: await isNetworkIdle(isLeftover) })
  return await find().catch(() => nothing)
}

/** The names of all that was found, for people. */
const namesOf = ({ domains, volumes, idleNetwork }: Found): string[] => [
  ...domains,
  ...volumes.map(({ name }) => `volume ${name}`),
  ...(idleNetwork ? [`network ${managementNetwork}`] : []),
]
