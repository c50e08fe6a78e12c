/** The parts of a QEMU's memory, in the order in which they are told. */
export const memoryParts = ['guest memory', 'translations', 'heap', 'anonymous', 'libraries', 'other'] as const

export type MemoryPart = (typeof memoryParts)[number]

/** Proportional set size by part, in MB (1,000,000 bytes): what several processes share counts in each by its share. */
export type MemoryByPart = Readonly<Record<MemoryPart, number>>

/** No mapping of a file that is smaller is a machine's memory. */
const guestMemoryKiB = 64 * 1024

/** Adds up the mappings of a QEMU, as /proc/PID/smaps has them (proc_pid_smaps(5)). */
export function parseSmaps(text: string): MemoryByPart {
  const sums = noMemory()
  let part: MemoryPart = 'other'
  let header: RegExpExecArray | null = null
  for (const line of text.split('\n')) {
    header = headerPattern.exec(line) ?? header
    const [, field, kibibytes] = /^(Size|Pss): +(\d+) kB$/.exec(line) ?? []
    if (field === 'Size') part = partOf(header?.[1] ?? '', header?.[2] ?? '', Number(kibibytes))
    if (field === 'Pss') sums[part] += (Number(kibibytes) * 1024) / 1e6
  }
  return sums
}

/** All of several processes' memory. */
export function addMemory(all: readonly MemoryByPart[]): MemoryByPart {
  const sums = noMemory()
  for (const one of all) for (const part of memoryParts) sums[part] += one[part]
  return sums
}

/** Addresses, permissions, offset, device, inode, and what is mapped; all of a mapping's first line. */
const headerPattern = /^[\da-f]+-[\da-f]+ (\S{4}) [\da-f]+ \S+ \d+ *(.*)$/

function partOf(permissions: string, mapped: string, sizeKiB: number): MemoryPart {
  if (mapped === '[heap]') return 'heap'
  // Only translated code is written and run, both.
  if (mapped === '' || mapped.startsWith('[')) return /w.?x|wx/.test(permissions) ? 'translations' : 'anonymous'
  if (/^\/usr\/|\.so(?:\.[\d.]+)?$/.test(mapped)) return 'libraries'
  return sizeKiB >= guestMemoryKiB ? 'guest memory' : 'other'
}

const noMemory = (): Record<MemoryPart, number> => ({
  'guest memory': 0,
  translations: 0,
  heap: 0,
  anonymous: 0,
  libraries: 0,
  other: 0,
})
