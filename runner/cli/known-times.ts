import { closeSync, fstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openResult } from '../host/results-files.ts'

/** How many runs are looked at, the newest first, and how large a file of one may be: a list must not wait. */
const limits = { runs: 20, bytes: 2_000_000 } as const

/**
 * How long variants took in ms, by "lab/variant": each as in the newest run of the results folder in which it failed
 * nothing. Empty where there are no runs; what can't be read of one is left out.
 */
export function knownTimes(results: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const run of newestRuns(results))
    for (const [suite] of textOf(join(results, run)).matchAll(/<testsuite [^>]*>/g)) {
      const [name, failures, errors, seconds] = ['name', 'failures', 'errors', 'time'].map((key) =>
        attributeOf(suite, key),
      )
      if (name === undefined || !/^[\d.]+$/.test(seconds ?? '') || failures !== '0' || errors !== '0') continue
      if (!times.has(name)) times.set(name, Number(seconds) * 1000)
    }
  return times
}

/** How long the variants of a lab take together; undefined while that of one is not known. */
export function timeOfLab(name: string, variants: readonly string[], times: ReadonlyMap<string, number>) {
  const each = variants.map((variant) => times.get(`${name}/${variant}`))
  return each.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0)
}

/** A time as coarse as it differs from run to run. */
export function renderKnownTime(durationMs: number | undefined): string {
  if (durationMs === undefined) return '–'
  const seconds = Math.ceil(durationMs / 1000)
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** Folders are named by the time at which their run began. */
function newestRuns(results: string) {
  try {
    const entries = readdirSync(results, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return entries
      .map(({ name }) => name)
      .toSorted()
      .toReversed()
      .slice(0, limits.runs)
  } catch {
    return []
  }
}

function textOf(folder: string): string {
  try {
    const file = openResult(folder, 'junit.xml')
    try {
      return fstatSync(file).size > limits.bytes ? '' : readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}

const attributeOf = (tag: string, key: string) => new RegExp(` ${key}="([^"]*)"`).exec(tag)?.[1]
