import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../cache.ts'
import { messageOf } from '../../errors.ts'
import { hasProgram } from '../../host/host-packages.ts'
import { withLock } from '../../lock.ts'
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

/** Removes domains and volumes, and the network when no machine uses it any more. Gives what could not be removed. */
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
  await removeIdleNetwork().catch((error: unknown) => troubles.push(messageOf(error)))
  return troubles
}

async function removeIdleNetwork(): Promise<void> {
  const all = await virshLines('net-list', '--all', '--name')
  if (!all.includes(managementNetwork)) return
  const users = await belongingsOf((name) => name.startsWith('wirelab-'))
  if (users.domains.length > 0) return
  await virsh('net-destroy', managementNetwork).catch(() => {})
  await virsh('net-undefine', managementNetwork)
}

/**
 * Runs a task while no other run brings machines up or removes some: then the network comes and goes in order, a box
 * is copied to libvirt once, and not more machines boot at the same time than a lab has.
 */
export async function withVagrantLock<T>(signal: AbortSignal, onWait: () => void, task: () => Promise<T>): Promise<T> {
  await mkdir(cacheFolder(), { recursive: true })
  return await withLock(join(cacheFolder(), 'vagrant.lock'), { signal, onWait }, task)
}

/** What runs that are gone have left in libvirt; nothing where there is no libvirt. */
export async function findLeftovers(): Promise<Belongings> {
  const nothing = { domains: [], volumes: [] }
  return (await hasProgram('virsh')) ? await belongingsOf(isLeftover).catch(() => nothing) : nothing
}
