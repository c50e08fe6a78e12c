import { closeSync } from 'node:fs'
import { z } from 'zod'
import { resultsFiles } from '../../reports/index.ts'
import type { ResultsFacts } from '../../reports/reporter.ts'
import type { RunSummary } from '../../reports/run/summary.ts'
import { tryHostCommand } from '../host/host-command.ts'
import { listResults, openResult, readResult } from '../host/results-files.ts'
import { audienceOf } from './audience.ts'

const maxFiles = 5000
const maxCaptures = 300
const maxFrames = '40'
const atOnce = 4

const packagesSchema = z.record(z.string(), z.string())

const manifestSchema = z.object({
  packages: packagesSchema,
  moreImages: z.record(z.string(), z.object({ packages: packagesSchema })).default({}),
})

/** What is known of a results folder besides its events. What is missing or can't be read is left out. */
export async function readResultsFacts(folder: string, summary: RunSummary): Promise<ResultsFacts> {
  const kept = [...summary.scopes, ...summary.retries].flatMap((scope) => scope.kept)
  const paths = kept.flatMap((one) => (one.type === 'capture-saved' ? [one.path] : []))
  const packages = readPackages(folder)
  return {
    ...(packages === undefined ? {} : { packages }),
    decoded: await decodeCaptures(folder, [...new Set(paths)].slice(0, maxCaptures)),
    files: listFiles(folder),
    resultsFiles,
    audience: audienceOf(folder),
  }
}

/** Returns each package's version in the run's images; where these have several, all of them, in the images' order. */
function readPackages(folder: string): Readonly<Record<string, string>> | undefined {
  try {
    const { packages, moreImages } = manifestSchema.parse(JSON.parse(readResult(folder, 'manifest.json')))
    const versions = new Map<string, Set<string>>()
    for (const image of [packages, ...Object.values(moreImages).map((more) => more.packages)])
      for (const [name, version] of Object.entries(image))
        versions.set(name, new Set([...(versions.get(name) ?? []), version]))
    return Object.fromEntries([...versions].map(([name, all]) => [name, [...all].join(', ')]))
  } catch {
    return undefined
  }
}

/** Paths in a results folder, sorted; 5000 at most, none when it can't be read. */
function listFiles(folder: string): string[] {
  try {
    return listResults(folder).slice(0, maxFiles)
  } catch {
    return []
  }
}

async function decodeCaptures(folder: string, paths: readonly string[]): Promise<Map<string, string>> {
  const decoded = new Map<string, string>()
  const waiting = [...paths]
  const work = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const text = await decodeCapture(folder, path)
      if (text !== undefined) decoded.set(path, text)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return decoded
}

async function decodeCapture(folder: string, path: string): Promise<string | undefined> {
  let input: number | undefined
  try {
    input = openResult(folder, path)
    const argv = ['tcpdump', '-nn', '-e', '-c', maxFrames, '-r', '-'] as const
    const { exitCode, stdout } = await tryHostCommand(argv, { timeoutMs: 10_000, input })
    return exitCode === 0 ? stdout : undefined
  } catch {
    return undefined
  } finally {
    if (input !== undefined) closeSync(input)
  }
}
