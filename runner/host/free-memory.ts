import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const MiB = 1024 ** 2

/** How much memory new processes of this user may take on this host, in MiB. */
export const freeMemoryMiB = (): number => freeMemoryIn(readText)

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * The same, of what files hold (undefined when one isn't there): MemAvailable (proc(5)), or what is left in one of the
 * control groups that this process is in, where that is less. A group's own page cache that is not in use counts as
 * free. Both versions are understood (Linux, admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1/memory.rst). Infinite
 * where nothing is known.
 */
export function freeMemoryIn(read: (path: string) => string | undefined): number {
  const available = Number(
    /^MemAvailable:\s*(\d+) kB/m.exec(read('/proc/meminfo') ?? '')?.[1] ?? Number.POSITIVE_INFINITY,
  )
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap(groupsOf)
  return Math.floor(Math.min(available / 1024, ...groups.map((group) => leftIn(group, read))))
}

interface Group {
  readonly folder: string
  readonly limit: string
  readonly usage: string
  readonly inactive: RegExp
}

/**
 * The control group of a line of /proc/self/cgroup, and those that it is in. A container sees its own as the outermost.
 */
function groupsOf(line: string): Group[] {
  const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
  const version1 = controllers?.split(',').includes('memory')
  if (controllers !== '' && !version1) return []
  const words = path.split('/').filter((word) => word !== '')
  return [...words.keys(), words.length].map((length) => {
    const inner = words.slice(0, length).join('/')
    return version1
      ? {
          folder: join('/sys/fs/cgroup/memory', inner),
          ...{
            limit: 'memory.limit_in_bytes',
            usage: 'memory.usage_in_bytes',
            inactive: /^total_inactive_file (\d+)$/m,
          },
        }
      : {
          folder: join('/sys/fs/cgroup', inner),
          ...{ limit: 'memory.max', usage: 'memory.current', inactive: /^inactive_file (\d+)$/m },
        }
  })
}

function leftIn({ folder, limit, usage, inactive }: Group, read: (path: string) => string | undefined): number {
  const bytes = (text: string | undefined) => (text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined)
  const most = bytes(read(join(folder, limit)))
  const used = bytes(read(join(folder, usage)))
  if (most === undefined || used === undefined) return Number.POSITIVE_INFINITY
  const cached = Number(inactive.exec(read(join(folder, 'memory.stat')) ?? '')?.[1] ?? 0)
  return Math.max(0, most - used + cached) / MiB
}
