/** Something that crashed, or trouble of the kernel. */
export interface Crash {
  /** In one line: what crashed, and how. */
  readonly words: string
  /** All that tells of it; bounded. */
  readonly lines: readonly string[]
  /**
   * Of a process that ended: by itself, perhaps because it waited in vain for somebody who got no processor, or by
   * systemd, because it was late. Of such a one too nobody knows whether it got a processor.
   */
  readonly end?: 'by itself' | 'late'
}

/** What a machine says of crashes. */
export interface CrashReport {
  readonly crashes: readonly Crash[]
  /**
   * Lines by which the kernel complains that it stood still. A machine that gets no processor says the same: whose fault
   * it was, they do not tell.
   */
  readonly stalls: readonly string[]
}

/** What make_itself.py leaves in the kernel's log. */
const mark = 'wirelab: the lab begins'
const unitsBegin = '--- units'
const end = '--- end'

/**
 * Reads what look_for_crashes.py said, or look-for-crashes.sh printed. Returns a text instead that says why it is not
 * the whole. The kernel's words are those of Linux 6 (kernel/panic.c, kernel/signal.c, mm/oom_kill.c,
 * arch/x86/mm/fault.c), systemd's of version 252.
 */
export function findCrashes(printed: string): CrashReport | string {
  const lines = printed.trimEnd().split('\n')
  const units = lines.indexOf(unitsBegin)
  if (units < 0 || lines.at(-1) !== end) return 'its answer is not whole'
  if (!lines[0]?.includes(mark)) return "its kernel's log does not reach back to the beginning of the lab"
  const kernel = lines.slice(1, units).flatMap(kernelWords)
  const stalls = kernel.filter((line) => stall.test(line))
  const crashes = [...kernelCrashes(kernel), ...unitCrashes(lines.slice(units + 1, -1))]
  return { crashes, stalls }
}

/** A line of the kernel as `dmesg --decode` or journalctl print it; what others write into its log is not its own. */
function kernelWords(line: string): readonly string[] {
  const found = /^kern +:\w+ *: (\[ *[\d.]+\]) (.*)$/.exec(line) ?? /^(\[ *[\d.]+\]) \S+ kernel: (.*)$/.exec(line)
  return found === null ? [] : [`${found[1]} ${found[2]}`]
}

const stall = /soft lockup|hard LOCKUP|detected stalls?\b|self-detected stall|blocked for more than \d+ seconds/i

/**
 * The first line of each kind of trouble; group 1 holds its words without the time. Capitals count: a bond that has no
 * partner yet writes "Warning: No 802.3ad response".
 */
const kernelSigns =
  /^\[ *[\d.]+\] (.*(?:\bWARNING: |\bBUG: |\bOops\b|general protection fault|Kernel panic - not syncing|segfault at|traps: .* trap |[Oo]ut of memory: Killed process|page allocation failure|potentially unexpected fatal signal|UBSAN: |KASAN: ).*)$/

/** Registers and stack entries follow; the machine's console log has them all when it panics. */
export const linesOfCrash = 16

function kernelCrashes(lines: readonly string[]): readonly Crash[] {
  const starts = lines.flatMap((line, at) => (kernelSigns.test(line) && !stall.test(line) ? [at] : []))
  const crashes = starts.map((at, index) => {
    const own = lines.slice(at, Math.min(at + linesOfCrash, starts[index + 1] ?? lines.length))
    return { words: wordsOf(own), lines: own }
  })
  // Of a program that a fault ends the kernel tells twice: what the fault was, and which signal it got.
  return crashes.filter(({ words }, index) => {
    const program = /^(\S+\[\d+\]): fatal signal/.exec(words)?.[1]
    return program === undefined || !crashes.slice(0, index).some((before) => before.words.includes(program))
  })
}

/** The words of a crash: its first line, with the program that a line after it names. */
function wordsOf(lines: readonly string[]): string {
  const first = kernelSigns.exec(lines[0] ?? '')?.[1] ?? ''
  const signal = /potentially unexpected fatal signal (\d+)/.exec(first)?.[1]
  if (signal === undefined) return first
  const [, pid = '?', program = 'a program'] = /PID: (\d+) Comm: (\S+)/.exec(lines.slice(1, 3).join('\n')) ?? []
  return `${program}[${pid}]: fatal signal ${signal}`
}

/** What lets the runner in, and runs its commands: what befalls these is not of the lab. */
const ownUnits = /^wirelab-(agent|management|ports)\.service$/

/**
 * Units whose main process was killed, or ended with a failure. A process that fails while it is being stopped did what
 * it was told.
 */
function unitCrashes(lines: readonly string[]): readonly Crash[] {
  const stopping = new Set<string>()
  const late = new Map<string, string>()
  return lines.flatMap((line): readonly Crash[] => {
    const [, what = '', unit = ''] =
      /systemd\[1\]: (Starting|Started|Stopping|Stopped) (\S+?\.service)\b/.exec(line) ?? []
    if (what === 'Stopping') stopping.add(unit)
    else if (what !== '') stopping.delete(unit)
    if (what === 'Starting') late.delete(unit)
    const slow = /systemd\[1\]: (\S+): (?:.* timed out\.|Watchdog timeout )/.exec(line)?.[1]
    if (slow !== undefined) late.set(slow, line)
    const [, words = '', name = '', how = ''] =
      /systemd\[1\]: ((\S+): Main process exited, code=(\w+), .*)$/.exec(line) ?? []
    if (words === '' || ownUnits.test(name) || (how === 'exited' && stopping.has(name))) return []
    const cause = late.get(name)
    return cause === undefined
      ? [{ words, lines: [line], end: 'by itself' }]
      : [{ words, lines: [cause, line], end: 'late' }]
  })
}
