import { lstatSync, realpathSync, statSync } from 'node:fs'

/**
 * The results folders among words such as `results/*` gives: without files, as `results/history.html`, and without
 * links, as `results/latest`, to folders that are there themselves. What isn't there stays, for an error to name it.
 */
export function resultsFolders(words: readonly string[]): string[] {
  const folders = words.filter((word) => statSync(word, { throwIfNoEntry: false })?.isFile() !== true)
  const isLink = (word: string) =>
    lstatSync(word.replace(/\/+$/, ''), { throwIfNoEntry: false })?.isSymbolicLink() === true
  const own = new Set(folders.filter((word) => !isLink(word) && statSync(word, { throwIfNoEntry: false })).map(realOf))
  const kept = folders.filter((word) => !isLink(word) || !own.has(realOf(word)))
  // Files alone are a mistake, which reading them tells.
  return kept.length > 0 ? kept : [...words]
}

function realOf(word: string): string {
  try {
    return realpathSync(word)
  } catch {
    return word
  }
}
