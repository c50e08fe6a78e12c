import type { Path, Report } from '../text/diagnostics.ts'
import { listNames } from '../text/list-names.ts'
import { fieldOf } from '../text/mapping.ts'
import { nearestWord } from '../text/nearest.ts'
import { keptIn } from '../values/placeholders.ts'

/** The names under which a step, which may have mistakes, keeps values. */
export const keptBy = (step: unknown): readonly string[] => Object.keys(Object(fieldOf(step, 'keep')))

/**
 * Reports the kept values of a step, placeholders filled in, that no step before it keeps, and those that stand where
 * none can. What is done and claimed after its own commands may have its own: `own` has these, too.
 */
export function checkKept(
  step: unknown,
  path: Path,
  before: ReadonlySet<string>,
  own: ReadonlySet<string>,
  report: Report,
): void {
  const check = (value: unknown, at: Path): void => {
    if (typeof value === 'string') {
      const names = keptIn(value)
      if (names.length === 0) return
      const known = at[0] === 'outage' || at[0] === 'expect' ? own : before
      for (const name of isFilledLate(at) ? names : []) reportUnknown(name, [...path, ...at], known, report)
      if (!isFilledLate(at)) {
        report([...path, ...at], {
          message: `cannot fill in {{kept.${names[0]}}} here: what it is is known only when the lab runs`,
          hint: 'commands, copied files and the parameters of expectations may have kept values',
        })
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) check(item, [...at, key])
    }
  }
  check(step, [])
}

/** Reports a kept value that no step before keeps; `part` of the text at the path is at fault. */
export function reportUnknown(name: string, at: Path, known: ReadonlySet<string>, report: Report, where = ''): void {
  if (known.has(name)) return
  report(at, {
    message: `cannot fill in {{kept.${name}}}: no step before this one keeps it${where}`,
    nearest: () => nearestWord(name, known),
    hint: () => (known.size === 0 ? 'nothing is kept up to here' : `kept are ${listNames(known)}`),
    part: { text: `{{kept.${name}}}`, nth: 0 },
  })
}

/** Whether the text at a place in a step is filled in again when the lab runs. */
const isFilledLate = ([first, second, third, fourth]: Path): boolean =>
  first === 'run' ||
  (first === 'start' && second === 'run') ||
  (first === 'outage' && second === 'while' && (fourth === 'run' || fourth === 'expect')) ||
  (first === 'expect' && !['name', 'question', 'answer'].includes(String(third)))
