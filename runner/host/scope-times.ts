import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder, makeCacheFolder } from './cache.ts'
import { readOwnFile } from './trusted-folder.ts'

/** Of what is remembered the newest so much; a time takes some fifty bytes. */
const mostBytes = 256 * 1024

const timesFile = (environment: NodeJS.ProcessEnv) => join(cacheFolder(environment), 'scope-times.json')

/**
 * How long scopes took in earlier runs on this host, in milliseconds, by the keys that they were remembered by, the
 * newest last. Only the order of a run depends on them, so they are none where they can't be read. Does not throw.
 */
export function readScopeTimes(environment: NodeJS.ProcessEnv = process.env): ReadonlyMap<string, number> {
  try {
    const value: unknown = JSON.parse(readOwnFile(timesFile(environment)))
    return new Map(Array.isArray(value) ? value.filter(isTime) : [])
  } catch {
    return new Map()
  }
}

const isTime = (entry: unknown): entry is [string, number] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]) && entry[1] >= 0

/** Remembers how long scopes took this time, in place of what was known of them. Does not throw. */
export function rememberScopeTimes(
  times: ReadonlyMap<string, number>,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (times.size === 0) return
  try {
    const file = timesFile(environment)
    const older = [...readScopeTimes(environment)].filter(([key]) => !times.has(key))
    const newer = [...times].map(([key, ms]) => [key, Math.round(ms)] as const)
    makeCacheFolder(dirname(file))
    writeFileSync(file, renderWithin(mostBytes, [...older, ...newer]))
  } catch {
    // The next run is ordered by what is known then.
  }
}

function renderWithin(bytes: number, entries: readonly (readonly [string, number])[]): string {
  const lines: string[] = []
  let left = bytes
  for (const entry of entries.toReversed()) {
    const line = JSON.stringify(entry)
    left -= Buffer.byteLength(line) + 2
    if (left < 0) break
    lines.unshift(line)
  }
  return `[\n${lines.join(',\n')}\n]\n`
}
