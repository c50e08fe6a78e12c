import { lstatSync, realpathSync, statSync } from 'node:fs'
import { z } from 'zod'
import { readResult } from '../host/results-files.ts'

/**
 * The results folders among words such as `results/*` gives: without files, as `results/history.html`, without links,
 * as `results/latest`, to folders that are there themselves, and without parts that were merged into another of them.
 * What isn't there stays, for an error to name it.
 */
export function resultsFolders(words: readonly string[]): string[] {
  const folders = words.filter((word) => statSync(word, { throwIfNoEntry: false })?.isFile() !== true)
  const isLink = (word: string) =>
    lstatSync(word.replace(/\/+$/, ''), { throwIfNoEntry: false })?.isSymbolicLink() === true
  const own = new Set(folders.filter((word) => !isLink(word) && statSync(word, { throwIfNoEntry: false })).map(realOf))
  const kept = folders.filter((word) => !isLink(word) || !own.has(realOf(word)))
  // Files alone are a mistake, which reading them tells.
  return kept.length > 0 ? withoutMerged(kept) : [...words]
}

const runSchema = z.object({ run: z.string(), merged: z.array(z.string()).optional() })

function withoutMerged(folders: readonly string[]): string[] {
  const all = folders.map((folder) => ({ folder, ...readRun(folder) }))
  const idsOf = ({ run, merged }: (typeof all)[number]) => new Set(merged ?? (run === undefined ? [] : [run]))
  const isPart = (one: (typeof all)[number]) =>
    idsOf(one).size > 0 &&
    all.some((other) => (other.merged?.length ?? 0) > (one.merged?.length ?? 0) && idsOf(one).isSubsetOf(idsOf(other)))
  return all.filter((one) => !isPart(one)).map(({ folder }) => folder)
}

/** Which run a folder has, and which runs were merged into it; nothing when its manifest doesn't say. */
function readRun(folder: string): Partial<z.infer<typeof runSchema>> {
  try {
    return runSchema.parse(JSON.parse(readResult(folder, 'manifest.json')))
  } catch {
    return {}
  }
}

function realOf(word: string): string {
  try {
    return realpathSync(word)
  } catch {
    return word
  }
}
