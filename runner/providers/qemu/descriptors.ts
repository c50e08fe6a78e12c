import type { StdioOptions } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The descriptors at which QEMU finds what it may use: it is a user to whom none of these files is open by its path.
 */
const numbers = {
  console: 3,
  /** The image's root file system, to read. */
  root: 4,
  /** The machine's memory: of a copy in memory that nobody can write to, of a template in the making in its file. */
  memory: 5,
  /** The folder of the sockets that it makes: ends of cables, and visitors' ports. */
  sockets: 6,
  /** The folder of captures that are to be opened. */
  captures: 7,
  /** The frozen state, to read. */
  state: 8,
  kernel: 9,
  initrd: 10,
  /** The runtime folder of a machine that outlives its runner: by this it is found. */
  kept: 11,
  /** The stream to the machine's SSH server. */
  ssh: 12,
} as const

export type DescriptorName = Exclude<keyof typeof numbers, 'console' | 'ssh'>

/** Open files that a QEMU is started with. */
export type Descriptors = Readonly<Partial<Record<DescriptorName, number>>>

/** The number of a descriptor in QEMU. */
export const descriptorIn = (name: keyof typeof numbers): number => numbers[name]

/** A path by which QEMU opens anew what it has at a descriptor, or a file in the folder that is there. */
export const pathIn = (name: DescriptorName, file?: string): string =>
  `/proc/self/fd/${numbers[name]}${file === undefined ? '' : `/${file}`}`

/**
 * Starts a program that has its standard streams, its console and its SSH port as pipes, and open files at their numbers.
 * It has none of the files that this process was started with: at their numbers it finds nothing (null(4)).
 */
export function withStdio<T>(descriptors: Descriptors, start: (stdio: StdioOptions) => T): T {
  const nothing = openSync('/dev/null', 'r')
  try {
    const foreign = inherited()
    const streams = Array.from(
      { length: Math.max(...Object.values(numbers), ...foreign) + 1 },
      (): number | 'pipe' | 'ignore' => 'ignore',
    )
    // What is ignored from 3 on is left as it is.
    for (const descriptor of foreign) streams[descriptor] = nothing
    streams.fill('pipe', 0, numbers.console + 1)
    streams[numbers.ssh] = 'pipe'
    for (const [name, descriptor] of Object.entries(descriptors)) streams[numbers[name as DescriptorName]] = descriptor
    return start(streams)
  } finally {
    closeSync(nothing)
  }
}

/** What every program that this process starts has open too. All that Node has opened itself is closed by exec(2). */
const inherited = () => readdirSync('/proc/self/fd').map(Number).filter(isInherited)

const closeOnExec = 0o2000000

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '', 8) & closeOnExec) === 0
  } catch {
    // The listing's own is closed by now.
    return false
  }
}

/** The folder of sockets that machines make, in their runtime folder. */
export const socketsFolder = 'sockets'

/** Opens a folder so that its files can be reached by its descriptor. */
export const openFolder = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)

/** Opens a file with this content, to read, that is gone with its last descriptor; made in the folder. */
export function openUnnamed(folder: string, content: Uint8Array): number {
  const path = join(folder, randomUUID())
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    return openSync(path, 'r')
  } finally {
    rmSync(path, { force: true })
  }
}

/** Runs a task with files open, and closes them at its end. */
export async function withOpen<T>(
  open: () => Promise<Descriptors> | Descriptors,
  task: (descriptors: Descriptors) => Promise<T>,
): Promise<T> {
  const descriptors = await open()
  try {
    return await task(descriptors)
  } finally {
    for (const descriptor of Object.values(descriptors)) closeSync(descriptor)
  }
}
