import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runtimeRoot, staleRuntimeFolders, startOf } from '../../host/runtime-folder.ts'
import type { Plan } from '../../plan.ts'

/** A lab whose machines were left up. */
export interface Kept {
  readonly lab: string
  readonly variant: string
  /** ISO 8601, UTC. */
  readonly since: string
  readonly machines: readonly KeptMachine[]
  /** The machine that holds each node: itself, or the one in which it is a namespace. */
  readonly nodes: Readonly<Record<string, string>>
  /** Path of the private key that logs in, and the machines' only acceptable host key. */
  readonly clientKey: string
  readonly hostKey: string
}

export interface KeptMachine {
  readonly name: string
  readonly pid: number
  /** What tells this process from a later one with the same number. */
  readonly start: string
  /** Port on 127.0.0.1 of its SSH server. */
  readonly port: number
}

const fileName = 'kept.json'

/** Writes down in a runtime folder that its machines are kept. */
export function recordKept(
  folder: string,
  { lab, variant }: Plan,
  machines: readonly Omit<KeptMachine, 'start'>[],
  keys: Pick<Kept, 'clientKey' | 'hostKey'>,
): void {
  const kept: Kept = {
    lab,
    variant: variant.name,
    since: new Date().toISOString(),
    machines: machines.map((machine) => ({ ...machine, start: startOf(machine.pid) })),
    nodes: Object.fromEntries(variant.nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name])),
    ...keys,
  }
  writeFileSync(join(folder, fileName), JSON.stringify(kept))
}

/** All labs kept by this user, with the folder of each, the oldest first. */
export const listKept = (): { readonly folder: string; readonly kept: Kept }[] =>
  foldersIn(runtimeRoot())
    .flatMap((folder) => {
      try {
        return [{ folder, kept: JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as Kept }]
      } catch {
        return []
      }
    })
    .sort((a, b) => a.kept.since.localeCompare(b.kept.since))

/** Whether a kept machine still runs. */
export const isUp = ({ pid, start }: KeptMachine) => start !== '' && startOf(pid) === start

/** Ends the machines of kept labs, or of those of one name only, and removes what crashed runs left. */
export function endKept(only?: string): { readonly ended: readonly Kept[]; readonly leftovers: number } {
  const ended = listKept().filter(
    ({ kept }) => only === undefined || [kept.lab, `${kept.lab}/${kept.variant}`].includes(only),
  )
  for (const { folder, kept } of ended) {
    for (const machine of kept.machines) if (isUp(machine)) process.kill(machine.pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  const stale = staleRuntimeFolders()
  for (const folder of stale) rmSync(folder, { recursive: true, force: true })
  try {
    rmdirSync(runtimeRoot())
  } catch {
    // Other runs have their folders there, or there is none.
  }
  return { ended: ended.map(({ kept }) => kept), leftovers: stale.length }
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root).map((name) => join(root, name))
  } catch {
    return []
  }
}
