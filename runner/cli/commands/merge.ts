import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { resultsFiles } from '../../../reports/index.ts'
import { mergeRuns, type PartialRun } from '../../../reports/many-runs/merge.ts'
import { renderEvent } from '../../../reports/run/json-lines.ts'
import { attempt, endingWith, exitCodes, usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { copyResult, listResults, readResult, writeResult } from '../../host/results-files.ts'
import { makeFolders } from '../../host/trusted-folder.ts'
import { scopesOnImages } from '../../on-images.ts'
import { scopesToRun } from '../../scopes.ts'
import type { CommandContext } from '../command.ts'
import { drawReports } from '../draw-reports.ts'
import { reportToGithub } from '../github.ts'
import { loadLabs } from '../load-labs.ts'
import { readArguments } from '../options.ts'
import { readRunEvents } from '../read-run-events.ts'

const help = `Usage: ${ownCommand('merge DIR... [-- --out DIR] [--all [--image NAME]...]')}

Makes one results folder of several, such as those of the jobs that a nightly run was split over, and draws the reports.
A part that is missing, did not come to its end, or ran what another ran too is refused. The exit code is the worst,
and 1 where anything failed.

Options:
  --out DIR     the new results folder (default: results/merged); must be empty or absent
  --all         every variant of every lab in labs/ here, or that wirelab ships where there is none, must be in it
  --image NAME  with --all: on this image; given more than once, as in the runs that are merged, on each
`

/** Its options, as parseArgs takes them. */
export const options = {
  out: { type: 'string', default: join('results', 'merged') },
  all: { type: 'boolean', default: false },
  image: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** `npm run lab merge DIR...`. */
export async function command(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, options, help)
  if (values.help) {
    context.stdout.write(help)
    return 0
  }
  if (positionals.length === 0) throw usageError('cannot merge: expected results folders', help)
  const parts = positionals.map((name): PartialRun => ({ name, events: readRunEvents(name) }))
  const labs = values.all ? loadLabs([], { all: true, colour: context.errorColour }) : []
  const merged = mergeRuns(
    parts,
    scopesOnImages(scopesToRun(labs, 1), [...new Set(values.image ?? [])]).map(({ name }) => name),
  )
  if (typeof merged === 'string') throw usageError(`cannot merge: ${merged}`, 'name every part once')
  const { out } = values
  const present = attempt(`merge into ${out}`, () => {
    makeFolders(out)
    return readdirSync(out)
  })
  if (present.length > 0) throw usageError(`cannot merge into ${out}: it is not empty`, 'name a new folder')
  attempt(`merge into ${out}`, () => {
    for (const { name } of parts) copyFiles(name, out)
    writeResult(out, 'events.jsonl', merged.map(renderEvent).join(''))
    mergeManifests(parts, out)
  })
  const whole = await drawReports(out, merged, (problem) => context.stderr.write(problem))
  reportToGithub(merged, context, { annotate: false })
  context.stdout.write(`Results: ${out}\n`)
  const last = merged.at(-1)
  return endingWith(last?.type === 'run-finished' ? last.exitCode : exitCodes.machinery, whole)
}

/** Copies what a part has besides the files that a merged folder has of its own. */
function copyFiles(part: string, out: string): void {
  for (const path of listResults(part)) if (!resultsFiles.includes(path)) copyResult(part, path, out)
}

/** The first part's manifest with the labs and images of all; none when a part has none. */
function mergeManifests(parts: readonly PartialRun[], out: string): void {
  const manifests = parts.map(({ name }) => readManifest(name)).filter((manifest) => manifest !== undefined)
  if (manifests.length < parts.length) return
  const labs = manifests.flatMap((manifest) => manifest['labs'] ?? [])
  const moreImages = Object.assign({}, ...manifests.map((manifest) => manifest['moreImages']))
  writeResult(out, 'manifest.json', `${JSON.stringify({ ...manifests[0], moreImages, labs }, null, 2)}\n`)
}

function readManifest(folder: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest: unknown = JSON.parse(readResult(folder, 'manifest.json'))
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : undefined
  } catch {
    return undefined
  }
}
