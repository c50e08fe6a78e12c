import { spawnSync } from 'node:child_process'

/** One script is a mistake at most; so many are looked at one by one when all together are not right. */
const maxAlone = 200
const limitMs = 5000
/** Scripts that were right before. */
const known = new Set<string>()
const maxKnown = 2000

/**
 * What the host's bash says against the syntax of scripts, by script; nothing where there is no bash. No script is run.
 */
export function shellMistakes(scripts: Iterable<string>): ReadonlyMap<string, string> {
  const unknown = [...new Set(scripts)].filter((script) => !known.has(script))
  const mistakes = new Map<string, string>()
  if (unknown.length === 0) return mistakes
  // A group ends with its own brace: no script can be begun in one and ended in the next.
  const together = unknown.map((script) => `{ :\n${script}\n}\n`).join('')
  if (look(together, true) !== '') {
    for (const script of unknown.slice(0, maxAlone)) {
      const said = look(script)
      if (said !== '') mistakes.set(script, said)
    }
  }
  if (known.size > maxKnown) known.clear()
  for (const script of unknown.slice(0, maxAlone)) if (!mistakes.has(script)) known.add(script)
  return mistakes
}

/**
 * What bash says against a script: "line 3: syntax error near unexpected token `fi'"; empty when nothing, or when that is
 * no more than a warning.
 */
function look(script: string, takesWarnings = false): string {
  // Patterns that a script itself switches on are none for a bash that only reads it.
  const { status, stderr } = spawnSync('bash', ['-O', 'extglob', '-n'], {
    input: script,
    encoding: 'utf8',
    timeout: limitMs,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  const isJudged = status !== null && (status !== 0 || takesWarnings)
  const lines = isJudged ? stderr.split('\n').filter((line) => line !== '') : []
  return (lines[0] ?? '').replace(/^bash: /, '')
}
