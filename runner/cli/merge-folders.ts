import { readdirSync } from 'node:fs'
import { z } from 'zod'
import { isOfReport } from '../../reports/index.ts'
import { type MergedRun, mergeRuns, outlinePart, type PartialRun } from '../../reports/many-runs/merge.ts'
import { renderEvent } from '../../reports/run/json-lines.ts'
import type { RunStory } from '../../reports/run/story.ts'
import { escapeJson } from '../../reports/text/json.ts'
import { plainMessage } from '../../reports/text/plain-text.ts'
import { plannedScope } from '../announce-scope.ts'
import { attempt, endingWith, exitCodes, machineryError, messageOf, usageError, withRemedy } from '../errors.ts'
import type { RunEvent, RunFinished } from '../events.ts'
import { ownCommand } from '../host/own-command.ts'
import { copyResult, eachLine, listResults, readResult, writeResult } from '../host/results-files.ts'
import { makeFolders } from '../host/trusted-folder.ts'
import type { Scope } from '../scopes.ts'
import type { CommandContext } from './command.ts'
import { drawReports } from './draw-reports.ts'
import { reportToGithub } from './github.ts'
import { eachRunEvent } from './read-run-events.ts'
import { readStory } from './read-story.ts'

export interface MergeOptions {
  /** The new results folder; empty or absent. */
  readonly out: string
  /** What it may hold already. */
  readonly besides?: string
  /** A report is made of what is there, even where something is missing. */
  readonly incomplete: boolean
  /** What must be in it. */
  readonly wanted: readonly Scope[]
  /** Adds to the events of the new folder. Returns the new end, if it did. `isWhole` says that nothing is missing there. */
  addTo?(isWhole: boolean): Promise<RunFinished | undefined>
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
  const parts = folders.flatMap((name) => {
    try {
      return [readPartialRun(name)]
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
    if (merged.finished.exitCode !== exitCodes.failed) throw refusal
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
    writeResult(out, 'events.jsonl', eachMergedLine(merged))
    mergeManifests(parts, out)
  })
  const draw = (story: RunStory) => drawReports(out, story, (problem) => context.stderr.write(problem))
  let { exitCode } = merged.finished
  let story = readStory(out, { checked: true })
  let whole = await draw(story)
  const more = await addTo?.(missing.length === 0)
  if (more !== undefined) {
    exitCode = more.exitCode
    story = readStory(out)
    whole = await draw(story)
  }
  reportToGithub(story.summary, context, { annotate: false })
  if (missing.length > 0) context.stderr.write(`not whole: ${renderMissing(missing)}\n`)
  return endingWith(exitCode, whole)
}

const renderMissing = (missing: readonly string[]) =>
  [...missing.slice(0, maxNamed), ...(missing.length > maxNamed ? [`and ${missing.length - maxNamed} more`] : [])].join(
    '\n  ',
  )

/** Copies what a part has besides the files that a merged folder has of its own. */
function copyFiles(part: string, out: string): void {
  for (const path of listResults(part)) if (!isOfReport(path)) copyResult(part, path, out)
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

/** The events of all parts, part by part: all at once would be too many. */
function* eachMergedLine({ started, finished, laterMs }: MergedRun): Generator<string> {
  yield renderEvent(started)
  for (const [name, laterThanFirstMs] of laterMs)
    for (const { text, from, to } of eachLine(name, 'events.jsonl')) {
      // What has no newline at its end was not written to its end.
      const isWhole = to - from > Buffer.byteLength(text)
      if (!isWhole || text.trim() === '' || /"type"\s*:\s*"run-(started|finished)"/.test(text)) continue
      const line = shiftLine(text, laterThanFirstMs)
      yield `${/[^ -~]|##/.test(line) ? escapeJson(line) : line}\n`
    }
  yield renderEvent(finished)
}

/** An event's line with another time. It stands at its end as we write it: reading what is in it would take long. */
function shiftLine(line: string, laterMs: number): string {
  const from = line.lastIndexOf('"at":') + 5
  const atMs = from < 5 ? Number.NaN : Number(line.slice(from, -1))
  const shifted = (timeMs: number) => Math.round((timeMs + laterMs) * 10) / 10
  if (!Number.isNaN(atMs)) return `${line.slice(0, from)}${shifted(atMs)}}`
  const event: RunEvent = JSON.parse(line)
  return JSON.stringify({ ...event, at: shifted(event.at) })
}

const partSchema = z.object({ part: z.object({ part: z.int(), of: z.int(), digest: z.string() }) })

/** The events of a results folder, and which part of a run its manifest says that they are. @throws as `eachRunEvent` */
function readPartialRun(name: string): PartialRun {
  const { data } = partSchema.safeParse(readManifest(name))
  const events = function* () {
    for (const { event } of eachRunEvent(name)) yield event
  }
  return { ...outlinePart(name, events()), ...data }
}

function readManifest(folder: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest: unknown = JSON.parse(readResult(folder, 'manifest.json'))
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : undefined
  } catch {
    return undefined
  }
}
