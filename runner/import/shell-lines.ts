import { shellLine } from '../host/shell-words.ts'

/** What a shell would act on where it stands outside of quotes; `$` and a backtick also in double quotes. */
const live = /[|&;<>()$`*?[\]~#!{}]/

/**
 * The words of a command that is split as containers' tools do, by quotes and blanks and without a shell; undefined when
 * a quote is not closed.
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  const word = /((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)\s*/y
  word.lastIndex = /^\s*/.exec(line)?.[0].length ?? 0
  while (word.lastIndex < line.length) {
    const match = word.exec(line)
    if (match === null) return undefined
    words.push(unquoted(match[1] ?? ''))
  }
  return words
}

/** A line by which a shell runs just these words; the line itself, where it means the same to a shell. */
export function lineOf(line: string, words: readonly string[]): string {
  const outside = line.replaceAll(/'[^']*'|"[^"$`\\]*"/g, '')
  return live.test(outside) || line.includes('\n') ? shellLine(words) : line.trim()
}

const unquoted = (word: string): string =>
  word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single, double, escaped) =>
    single !== undefined ? single : double !== undefined ? double.replaceAll(/\\(["\\$`])/g, '$1') : escaped,
  )
