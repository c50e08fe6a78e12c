/** A kernel's panic, as its console tells of it. */
export interface Panic {
  /** What the kernel gives as its cause. */
  readonly cause: string
  /** The lines that tell of it, and of the trouble that led to it; bounded. */
  readonly lines: string
}

const cause = /Kernel panic - not syncing: (.*)/
const beginning =
  /sysrq: Trigger a crash|\bBUG: |\bOops: |\bWARNING: |general protection fault|Kernel panic - not syncing/
const maxLines = 60
/** How far before the panic its beginning is looked for. */
const leadLines = 60

/** The panic in what a console printed; undefined when there is none. */
export function panicIn(consoleText: string): Panic | undefined {
  const lines = consoleText.split('\n')
  const at = lines.findIndex((line) => cause.test(line))
  const found = cause.exec(lines[at] ?? '')
  if (found === null) return undefined
  const from = Math.max(0, at - leadLines)
  const lead = lines.slice(from, at).findIndex((line) => beginning.test(line))
  const first = lead < 0 ? at : from + lead
  return {
    cause: (found[1] ?? '').trim(),
    lines: lines
      .slice(first, first + maxLines)
      .join('\n')
      .trimEnd(),
  }
}
