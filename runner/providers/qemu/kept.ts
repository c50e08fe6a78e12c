import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { machineryError, usageError } from '../../errors.ts'
import { isLocked, tryLock } from '../../host/folder-lock.ts'
import { startOf } from '../../host/process-identity.ts'
import { removeUnlessOpen, runtimeFolders } from '../../host/runtime-folder.ts'
import { readOwnFile } from '../../host/trusted-folder.ts'
import type { Image } from '../../image/image.ts'
import type { Plan } from '../../plan.ts'
import type { KeptLab } from '../provider.ts'
import { findKeptProcesses, type KeptProcess } from './kept-processes.ts'

/** What is written down of a lab whose machines are to be left up. */
interface KeptRecord {
  readonly lab: string
  readonly variant: string
  readonly since: string
  readonly machines: readonly string[]
  readonly nodes: Readonly<Record<string, string>>
  /** Port on 127.0.0.1 of each machine's SSH server; absent until all are up. */
  readonly ports?: Readonly<Record<string, number>>
  /** Path of the private key that logs in, and the machines' only acceptable host key. */
  readonly clientKey: string
  readonly hostKey: string
}

/** A record that its run may still add to. */
export interface OpenRecord {
  /** All machines are up, and their SSH servers are at these ports. */
  addPorts(ports: Readonly<Record<string, number>>): void
  /** Its machines are gone after all. */
  remove(): void
}

const recordFile = 'kept.json'
/** Locked while the run goes on that wrote the record. */
const runFile = 'run'

/** Writes down in a runtime folder which machines are to be kept; before the first of them starts. */
export function recordToKeep(
  folder: string,
  { lab, machines, variant }: Plan,
  { clientKey, hostKey }: Pick<Image, 'clientKey' | 'hostKey'>,
): OpenRecord {
  const record: KeptRecord = {
    lab,
    variant: variant.name,
    since: new Date().toISOString(),
    machines: machines.map(({ name }) => name),
    nodes: Object.fromEntries(variant.nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name])),
    clientKey,
    hostKey,
  }
  const write = (content: KeptRecord) => {
    const fresh = join(folder, `${recordFile}.new`)
    writeFileSync(fresh, JSON.stringify(content), { mode: 0o600 })
    renameSync(fresh, join(folder, recordFile))
  }
  closeSync(openSync(join(folder, runFile), 'wx', 0o600))
  const run = tryLock(join(folder, runFile))
  write(record)
  return {
    addPorts: (ports) => write({ ...record, ports }),
    remove() {
      if (run !== undefined) closeSync(run)
    },
  }
}

/** All labs kept by this user, and those that runs are about to keep, the oldest first. */
export async function listKept(): Promise<readonly KeptLab[]> {
  const records = runtimeFolders().flatMap((folder) => {
    const record = readRecord(folder)
    return record === undefined ? [] : [{ folder, record }]
  })
  const processes = records.length === 0 ? [] : findKeptProcesses(records.map(({ folder }) => folder))
  return records
    .map(({ folder, record }) =>
      keptLab(
        folder,
        record,
        processes.filter((one) => one.folder === folder),
      ),
    )
    .sort((a, b) => a.since.localeCompare(b.since))
}

function readRecord(folder: string): KeptRecord | undefined {
  try {
    return JSON.parse(readOwnFile(join(folder, recordFile))) as KeptRecord
  } catch {
    return undefined
  }
}

function keptLab(folder: string, record: KeptRecord, processes: readonly KeptProcess[]): KeptLab {
  const { lab, variant, since, machines, nodes, ports } = record
  const untouchable = whyUntouchable(folder, processes)
  return {
    ...{ lab, variant, since, nodes, isComplete: ports !== undefined },
    machines: machines.map((name) => ({ name, pid: processes.find((one) => one.machine === name)?.pid })),
    ...(untouchable === undefined ? {} : { untouchable }),
    end: () => endAll(folder, `${lab}/${variant}`),
    interact: (node) => shellIn(record, node),
  }
}

const stillGoingOn = 'its run is still going on'
const unseen = 'its processes are not to be seen from here'

/** Whoever has the folder open but is not to be seen is in a PID namespace that is not within this one. */
function whyUntouchable(folder: string, processes: readonly KeptProcess[]): string | undefined {
  if (isLocked(join(folder, runFile))) return stillGoingOn
  if (processes.length === 0 && isLocked(folder)) return unseen
  return undefined
}

/** QEMU is gone some milliseconds after it was killed; one that has just been started can be seen as soon. */
const endMs = 5000
const lookAgainMs = 10

async function endAll(folder: string, name: string): Promise<void> {
  const runs = join(folder, runFile)
  for (const untilMs = performance.now() + endMs; ; await setTimeout(lookAgainMs)) {
    if (isLocked(runs)) throw cannotEnd(name, stillGoingOn)
    for (const { pid, start } of findKeptProcesses([folder])) if (startOf(pid) === start) kill(pid)
    if (removeUnlessOpen(folder) || !existsSync(folder)) return
    if (performance.now() > untilMs) throw cannotEnd(name, unseen)
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const cannotEnd = (name: string, why: string) => machineryError(`cannot end ${name}: ${why}`)

const shell = ['bash', '-l'] as const
const logInMs = 30_000

async function shellIn({ ports, nodes, clientKey, hostKey }: KeptRecord, node: string): Promise<number> {
  const machine = nodes[node]
  const port = ports?.[machine ?? '']
  if (port === undefined) throw usageError(`cannot open a shell: no machine that was kept holds ${node}`)
  const { connectSsh } = await import('../../transports/ssh.ts')
  const address = { host: '127.0.0.1', port, user: 'root', clientKey: readFileSync(clientKey), hostKey }
  const connection = await connectSsh(address, logInMs)
  const inNode = machine === node ? shell : (['ip', 'netns', 'exec', node, ...shell] as const)
  try {
    return await connection.interact(inNode, { input: process.stdin, output: process.stdout })
  } finally {
    connection.close()
  }
}
