import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { resultsFiles } from '../../reports/index.ts'
import { mergeRuns, type PartialRun } from '../../reports/many-runs/merge.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { manyScopes } from '../../reports/run/many-scopes.ts'
import { plainMessage } from '../../reports/text/plain-text.ts'
import { plannedScope } from '../announce-scope.ts'
import { attempt, endingWith, exitCodes, machineryError, messageOf, usageError, withRemedy } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import { copyResult, listResults, readResult, writeResult } from '../host/results-files.ts'
import { makeFolders } from '../host/trusted-folder.ts'
import type { Scope } from '../scopes.ts'
import type { CommandContext } from './command.ts'
import { drawReports } from './draw-reports.ts'
import { reportToGithub } from './github.ts'
import { readRunEvents } from './read-run-events.ts'

export interface MergeOptions {
  /** The new results folder; empty or absent. */
  readonly out: string
  /** What it may hold already. */
  readonly besides?: string
  /** A report is made of what is there, even where something is missing. */
  readonly incomplete: boolean
  /** What must be in it. */
  readonly wanted: readonly Scope[]
  /** Adds to the events of the new folder, and returns whether it did. `isWhole` says that nothing is missing there. */
  addTo?(isWhole: boolean): Promise<boolean>
}

const maxNamed = 20

/**
 * Makes one results folder of several, and draws its reports. Returns the exit code, never 0 where something is missing;
 * where that is refused and a part failed it is told, and 1, so that no failure hides.
 * @throws WirelabError of kind machinery when they are not all parts of one run, of kind usage for what is no results
 * folder
 */
export async function mergeFolders(
  folders: readonly string[],
  { out, besides, incomplete, wanted, addTo }: MergeOptions,
  context: CommandContext,
): Promise<number> {
  const unread: string[] = []
  const thin = folders.reduce((sum, name) => sum + scopesIn(name), 0) > manyScopes
  const parts = folders.flatMap((name) => {
    try {
      return [readPartialRun(name, thin)]
    } catch (error) {
      if (!incomplete) throw error
      unread.push(messageOf(error))
      return []
    }
  })
  const merged = mergeRuns(parts, wanted.map(plannedScope), unread)
  if (typeof merged === 'string') throw machineryError(`cannot merge: ${merged}`, 'name every part of a run once')
  const { missing } = merged
  if (missing.length > 0 && !incomplete) {
    const refusal = machineryError(
      `cannot merge: ${renderMissing(missing)}`,
      `"${ownCommand('merge DIR... -- --incomplete')}" makes a report of what is there`,
    )
    if (exitCodeIn(merged.events) !== exitCodes.failed) throw refusal
    context.stderr.write(plainMessage(`${withRemedy(refusal)}\nOf what is there something failed.\n`))
    return exitCodes.failed
  }
  const present = attempt(`merge into ${out}`, () => {
    makeFolders(out)
    return readdirSync(out).filter((name) => name !== besides)
  })
  if (present.length > 0) throw usageError(`cannot merge into ${out}: it is not empty`, 'name a new folder')
  attempt(`merge into ${out}`, () => {
    for (const { name } of parts) copyFiles(name, out)
    if (thin) writeWholeEvents(parts, merged.events, out)
    else writeResult(out, 'events.jsonl', merged.events.map(renderEvent).join(''))
    mergeManifests(parts, out)
  })
  const draw = (events: readonly RunEvent[]) => drawReports(out, events, (problem) => context.stderr.write(problem))
  let [events, whole] = [merged.events, await draw(merged.events)]
  if (await addTo?.(missing.length === 0)) {
    events = readRunEvents(out)
    whole = await draw(events)
  }
  reportToGithub(events, context, { annotate: false })
  if (missing.length > 0) context.stderr.write(`not whole: ${renderMissing(missing)}\n`)
  return endingWith(exitCodeIn(events), whole)
}

/** The exit code at the end of a run's events. */
function exitCodeIn(events: readonly RunEvent[]): number {
  const last = events.at(-1)
  return last?.type === 'run-finished' ? last.exitCode : exitCodes.machinery
}

const renderMissing = (missing: readonly string[]) =>
  [...missing.slice(0, maxNamed), ...(missing.length > maxNamed ? [`and ${missing.length - maxNamed} more`] : [])].join(
    '\n  ',
  )

/** Copies what a part has besides the files that a merged folder has of its own. */
function copyFiles(part: string, out: string): void {
  for (const path of listResults(part)) if (!resultsFiles.includes(path)) copyResult(part, path, out)
}

/** The first part's manifest with the labs and images of all, and the runs that they were; none when a part has none. */
function mergeManifests(parts: readonly PartialRun[], out: string): void {
  const manifests = parts.map(({ name }) => readManifest(name)).filter((manifest) => manifest !== undefined)
  if (manifests.length < parts.length) return
  const labs = manifests.flatMap((manifest) => manifest['labs'] ?? [])
  const moreImages = Object.assign({}, ...manifests.map((manifest) => manifest['moreImages']))
  const merged = manifests.flatMap((manifest) => manifest['merged'] ?? manifest['run'] ?? [])
  const { part: _, ...first } = manifests[0] ?? {}
  writeResult(out, 'manifest.json', `${JSON.stringify({ ...first, moreImages, labs, merged }, null, 2)}\n`)
}

const scopesIn = (folder: string) => {
  const labs = readManifest(folder)?.['labs']
  return Array.isArray(labs) ? labs.length : 0
}

/** Writes the events of parts whole, part by part, of which `merged` has no details: all at once would be too many. */
function writeWholeEvents(parts: readonly PartialRun[], merged: readonly RunEvent[], out: string): void {
  const file = openSync(join(out, 'events.jsonl'), 'wx')
  try {
    const [first] = merged
    const startMs = (event: RunEvent | undefined) => (event?.type === 'run-started' ? Date.parse(event.startedAt) : 0)
    writeFileSync(file, merged.slice(0, 1).map(renderEvent).join(''))
    for (const { name, events } of parts) {
      const laterMs = startMs(events.find(({ type }) => type === 'run-started')) - startMs(first)
      const lines = readResult(name, 'events.jsonl').split('\n').slice(0, -1)
      const inner = lines.filter((line) => line !== '' && !/^\{"type":"run-(started|finished)"/.test(line))
      writeFileSync(file, inner.map((line) => `${shiftLine(line, laterMs)}\n`).join(''))
    }
    writeFileSync(file, merged.slice(-1).map(renderEvent).join(''))
  } finally {
    closeSync(file)
  }
}

/** An event's line with another time, which stands at its end: reading what is in it would take long. */
const shiftLine = (line: string, laterMs: number) =>
  line.replace(/"at":([\d.]+)\}$/, (_, at: string) => `"at":${Math.round((Number(at) + laterMs) * 10) / 10}}`)

const partSchema = z.object({ part: z.object({ part: z.int(), of: z.int(), digest: z.string() }) })

/** The events of a results folder, and which part of a run its manifest says that they are. @throws as `readRunEvents` */
function readPartialRun(name: string, thin: boolean): PartialRun {
  const { data } = partSchema.safeParse(readManifest(name))
  return { name, events: readRunEvents(name, { thin }), ...data }
}

function readManifest(folder: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest: unknown = JSON.parse(readResult(folder, 'manifest.json'))
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : undefined
  } catch {
    return undefined
  }
}
