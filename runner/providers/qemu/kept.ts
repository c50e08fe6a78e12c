import { closeSync, constants, existsSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { machineryError, usageError } from '../../errors.ts'
import { isLocked, tryLock } from '../../host/folder-lock.ts'
import { startOf } from '../../host/process-identity.ts'
import { removeUnlessOpen, runtimeFolders } from '../../host/runtime-folder.ts'
import { readOwnFile } from '../../host/trusted-folder.ts'
import type { Image } from '../../image/image.ts'
import type { Plan } from '../../plan.ts'
import type { Argv, Connection } from '../../transports/transport.ts'
import { loginShell } from '../guest/login-shell.ts'
import { type BringUpOptions, imageOf, type KeptLab } from '../provider.ts'
import { socketsFolder } from './descriptors.ts'
import { findKeptProcesses, type KeptProcess } from './kept-processes.ts'
import { sshAddressOf } from './ssh-address.ts'
import { visitorsPorts, visitorsSocket } from './ssh-ports.ts'

/** What is written down of a lab whose machines are to be left up. */
interface KeptRecord {
  readonly lab: string
  readonly variant: string
  readonly since: string
  readonly machines: readonly string[]
  readonly nodes: Readonly<Record<string, string>>
  /** All machines are up. */
  readonly isComplete: boolean
  /** Path of the private key that logs in, and the only acceptable host key, by machine. */
  readonly keys: Readonly<Record<string, Pick<Image, 'clientKey' | 'hostKey'>>>
}

/** A record that its run may still add to. */
export interface OpenRecord {
  /** All machines are up. */
  complete(): void
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
  options: Pick<BringUpOptions, 'image' | 'images'>,
): OpenRecord {
  const keysOf = (machine: string) => {
    const { clientKey, hostKey } = imageOf(options, machine)
    return { clientKey, hostKey }
  }
  const record: KeptRecord = {
    lab,
    variant: variant.name,
    since: new Date().toISOString(),
    machines: machines.map(({ name }) => name),
    nodes: Object.fromEntries(variant.nodes.map(({ name, namespaceOf }) => [name, namespaceOf ?? name])),
    keys: Object.fromEntries(machines.map(({ name }) => [name, keysOf(name)])),
    isComplete: false,
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
    complete: () => write({ ...record, isComplete: true }),
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
  const { lab, variant, since, machines, nodes, isComplete } = record
  const untouchable = whyUntouchable(folder, processes)
  return {
    ...{ lab, variant, since, nodes, isComplete },
    machines: machines.map((name) => ({ name, pid: processes.find((one) => one.machine === name)?.pid })),
    ...(untouchable === undefined ? {} : { untouchable }),
    end: () => endAll(folder, `${lab}/${variant}`),
    interact: (node) => {
      const shell = loginShell(lab, node)
      const argv: Argv = nodes[node] === node ? shell : ['ip', 'netns', 'exec', node, ...shell]
      return visit('open a shell', folder, record, node, (connection) =>
        connection.interact(argv, { input: process.stdin, output: process.stdout }),
      )
    },
    run: (machine, argv, options) =>
      visit('look', folder, record, machine, (connection) => connection.run(argv, options)),
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

const logInMs = 30_000

/** Logs in to the machine that holds a node. */
async function visit<T>(
  purpose: string,
  folder: string,
  record: KeptRecord,
  node: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { nodes, machines, keys: keysOfMachines, isComplete } = record
  const machine = nodes[node]
  const keys = keysOfMachines[machine ?? '']
  if (machine === undefined || keys === undefined || !isComplete)
    throw usageError(`cannot ${purpose}: no machine that was kept holds ${node}`)
  const port = visitPort(folder, machines.indexOf(machine))
  if (port === undefined)
    throw usageError(`cannot ${purpose}: ${visitorsPorts.length} are open in ${machine} already`, 'Close one of them.')
  const { connectSsh } = await import('../../transports/ssh.ts')
  const connection = await connectSsh(await sshAddressOf(keys, machine, () => connect(port.socket)), logInMs)
  try {
    return await use(connection)
  } finally {
    connection.close()
    closeSync(port.lock)
  }
}

/** A port of a machine at which nobody is, held until its lock is closed; undefined when somebody is at each. */
function visitPort(folder: string, machine: number) {
  for (const port of visitorsPorts) {
    const name = visitorsSocket(machine, port)
    const file = join(folder, `${name}.visit`)
    closeSync(openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
    const lock = tryLock(file)
    if (lock !== undefined) return { lock, socket: join(folder, socketsFolder, name) }
  }
  return undefined
}
