import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { machineryError } from '../errors.ts'

/** sockaddr_un holds 108 bytes (unix(7)); a folder with a longer path leaves no room for the names of sockets. */
const longestFolder = 70

/** Short-lived files of running machines: sockets and the like, in a folder that only the user can enter. */
export interface RuntimeFolder {
  readonly path: string
  /** Lets the folder live as long as any of these processes, beside this one. */
  belongTo(pids: readonly number[]): void
  remove(): void
}

/** The folder that holds the runtime folders of all runs of this user. */
export function runtimeRoot(): string {
  const wanted = process.env['XDG_RUNTIME_DIR'] || tmpdir()
  const name = `wirelab-${userInfo().uid}`
  return join(wanted.length + name.length < longestFolder ? wanted : '/tmp', name)
}

/**
 * Makes a runtime folder for this process, after removing those whose process has gone without clean-up.
 * @throws WirelabError of kind machinery when the place is not the user's own
 */
export function makeRuntimeFolder(): RuntimeFolder {
  const root = runtimeRoot()
  mkdirSync(root, { recursive: true, mode: 0o700 })
  if (statSync(root).uid !== userInfo().uid)
    throw machineryError(
      `cannot use ${root}: it belongs to another user`,
      'set XDG_RUNTIME_DIR to a folder of your own',
    )
  removeStale(root)
  const path = join(root, uniqueName())
  mkdirSync(path, { mode: 0o700 })
  const belongTo = (pids: readonly number[]) =>
    writeFileSync(join(path, 'owners'), pids.map((pid) => `${pid} ${startOf(pid)}\n`).join(''))
  belongTo([process.pid])
  return {
    path,
    belongTo: (pids) => belongTo([process.pid, ...pids]),
    remove() {
      rmSync(path, { recursive: true, force: true })
      removeIfEmpty(root)
    },
  }
}

/** Names of runtime folders whose owner is gone. */
export function staleRuntimeFolders(root = runtimeRoot()): string[] {
  try {
    return readdirSync(root)
      .filter((name) => !ownerLives(join(root, name)))
      .map((name) => join(root, name))
  } catch {
    return []
  }
}

/** Removes the runtime folders whose owner is gone, and their root when nothing else is in it. Returns how many. */
export function removeStaleRuntimeFolders(): number {
  const root = runtimeRoot()
  const removed = removeStale(root)
  removeIfEmpty(root)
  return removed
}

function removeStale(root: string) {
  const stale = staleRuntimeFolders(root)
  for (const folder of stale) rmSync(folder, { recursive: true, force: true })
  return stale.length
}

function removeIfEmpty(root: string) {
  try {
    rmdirSync(root)
  } catch {
    // Another run still has its folder there, or there is none.
  }
}

let made = 0
const uniqueName = () => `${process.pid.toString(36)}-${(made++).toString(36)}`

function ownerLives(folder: string) {
  try {
    const owners = readFileSync(join(folder, 'owners'), 'utf8').trim().split('\n')
    return owners.some((line) => {
      const [pid, start] = line.split(' ')
      return Boolean(start) && startOf(Number(pid)) === start
    })
  } catch {
    // A folder without owners yet is being made right now.
    return Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 10_000
  }
}

/** When a process started, in clock ticks since boot (proc(5), field 22); '' when it is gone or a zombie. */
export function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
