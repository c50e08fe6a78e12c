import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What to look at. Other runs of the same host must not be in it, so what a test starts carries its mark. */
export interface SnapshotOptions {
  /** `NAME=VALUE`: only processes whose environment began with it count. What they start inherits it. */
  readonly mark: string
  /** Folders of which everything counts that lies in them: cache, runtime, temporary. Links are not followed. */
  readonly folders: readonly string[]
}

/** What of a host a run may leave behind, one line of text for each thing. */
export interface HostSnapshot {
  /** `process PROGRAM NUMBER`, of those with the mark. */
  readonly processes: readonly string[]
  /** `socket PATH`, of unix sockets that are bound in the folders, open or not. */
  readonly sockets: readonly string[]
  /** `file PATH`, of all that lies in the folders. */
  readonly files: readonly string[]
  /**
   * `namespace KIND:[INODE]` of the marked processes, beside this process's own, and `namespace NAME` of ip-netns(8).
   */
  readonly namespaces: readonly string[]
  /** `port ADDRESS`, as in proc(5), of the TCP sockets at which marked processes listen. */
  readonly ports: readonly string[]
}

/** What is on the host now. What can't be read, because it has gone or is another user's, is left out. */
export function snapshotHost({ mark, folders }: SnapshotOptions): HostSnapshot {
  const pids = markedProcesses(mark)
  const files = folders.flatMap(filesBelow)
  const inFolders = (path: string) => folders.some((folder) => path.startsWith(`${folder}/`))
  return {
    processes: pids.map((pid) => `process ${programOf(pid)} ${pid}`),
    sockets: boundSockets()
      .filter(inFolders)
      .map((path) => `socket ${path}`),
    files: files.map((path) => `file ${path}`),
    namespaces: [...new Set([...pids.flatMap(foreignNamespaces), ...entriesOf('/run/netns')])].map(
      (name) => `namespace ${name}`,
    ),
    ports: listeningPorts(pids).map((address) => `port ${address}`),
  }
}

/** What is in `after` and not in `before`, sorted. */
export const whatIsNew = (before: HostSnapshot, after: HostSnapshot): string[] =>
  (Object.keys(after) as (keyof HostSnapshot)[])
    .flatMap((kind) => after[kind].filter((line) => !before[kind].includes(line)))
    .sort()

/** The numbers of all processes that have a mark in their environment and are no zombies, without this one. */
export const markedProcesses = (mark: string): number[] =>
  entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => textOf(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map(Number)

const programOf = (pid: number) => basename(linkOf(`/proc/${pid}/exe`)) || textOf(`/proc/${pid}/comm`).trim()

const boundSockets = () =>
  textOf('/proc/net/unix')
    .split('\n')
    .flatMap((line) => /(\/.*)$/.exec(line)?.[1] ?? [])

function filesBelow(folder: string): string[] {
  return entriesOf(folder).flatMap((name) => {
    const path = join(folder, name)
    return isFolder(path) ? [path, ...filesBelow(path)] : [path]
  })
}

const kinds = ['ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const

const foreignNamespaces = (pid: number) =>
  kinds
    .filter((kind) => linkOf(`/proc/${pid}/ns/${kind}`) !== linkOf(`/proc/self/ns/${kind}`))
    .map((kind) => linkOf(`/proc/${pid}/ns/${kind}`))
    .filter((name) => name !== '')

/** The state of a TCP socket that listens, in /proc/net/tcp. */
const listening = '0A'

function listeningPorts(pids: readonly number[]) {
  const sockets = new Set(
    pids.flatMap((pid) => entriesOf(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))),
  )
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => textOf(table).split('\n').slice(1))
  return tables.flatMap((line) => {
    const [, address, , state, , , , , , inode] = line.trim().split(/\s+/)
    return address !== undefined && state === listening && sockets.has(`socket:[${inode}]`) ? [address] : []
  })
}

const entriesOf = (folder: string) => orElse([], () => readdirSync(folder))
const textOf = (path: string) => orElse('', () => readFileSync(path, 'utf8'))
const linkOf = (path: string) => orElse('', () => readlinkSync(path))
const isFolder = (path: string) => orElse(false, () => lstatSync(path).isDirectory())

function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
