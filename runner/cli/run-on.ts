import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { createSummaryFold } from '../../reports/run/summary.ts'
import { oneLine } from '../../reports/text/plain-text.ts'
import { cutScopes } from '../cut.ts'
import { type EngineRun, engineFolder, folderOf, readEngineRun, writeEngineRun } from '../engines/engine-run.ts'
import { followRun } from '../engines/follow-run.ts'
import { engines } from '../engines/index.ts'
import { attempt, exitCodes, machineryError, usageError } from '../errors.ts'
import type { ScopeTimes } from '../expected-time.ts'
import { tryLock } from '../host/folder-lock.ts'
import { ownCommand } from '../host/own-command.ts'
import { writeResult } from '../host/results-files.ts'
import { makeResultsFolder } from '../host/results-folder.ts'
import { readScopeTimes, rememberScopeTimes } from '../host/scope-times.ts'
import { shellWord } from '../host/shell-words.ts'
import { planRun } from '../plan.ts'
import type { Provider } from '../providers/provider.ts'
import type { Scope } from '../scopes.ts'
import { variantMeasuresTime } from '../steps/measurements.ts'
import type { CommandContext } from './command.ts'
import { mergeFolders } from './merge-folders.ts'
import type { ChosenEngine } from './read-engine.ts'
import { outlineRun } from './read-run-events.ts'
import { renderTimes } from './read-times.ts'
import { renderClosing } from './render-closing.ts'
import { scopeTimesIn } from './scope-times-in.ts'
import { showProgress } from './show-progress.ts'

/** A run that an engine is to do. */
export interface RunOnWish {
  readonly chosen: ChosenEngine
  readonly scopes: readonly Scope[]
  readonly times: ScopeTimes
  readonly results: string | undefined
  readonly provider: Provider
  /** The words of the command line that each part is called with; it is then told which it is. */
  readonly words: readonly string[]
  readonly cancelOnInterrupt: boolean
}

const timesFile = 'times.json'

/** Cuts a run, records it in its results folder, and follows it to its end. Returns the exit code. */
export async function runOn(wish: RunOnWish, context: CommandContext): Promise<number> {
  const { chosen, scopes, cancelOnInterrupt } = wish
  const { name, settings, engine } = chosen
  const times = wish.times.size > 0 ? wish.times : readScopeTimes()
  const [whole = 0] = cutScopes(scopes, 1, times).expectedMs
  const of = engine.cut(scopes.length, whole)
  const longestMs = Math.max(...cutScopes(scopes, of, times).expectedMs)
  const { path: results, close } = makeResultsFolder(wish.results, new Date())
  close()
  attempt(`make a folder in ${results}`, () => {
    rmSync(join(results, 'events.jsonl'))
    mkdirSync(join(folderOf(results), 'parts'), { recursive: true })
    writeResult(folderOf(results), timesFile, renderTimes(times))
  })
  const memoryMiB = Math.max(
    ...scopes.map(({ lab, variant, image }) => wish.provider.memoryMiB?.(planRun(lab.name, variant, image)) ?? 0),
  )
  const needs = {
    processors: engine.processors,
    memoryMiB: runnerMiB + engine.processors * memoryMiB,
    limitMs: 3 * longestMs + startMs,
    longer: 1,
    measuresTime: scopes.some(({ variant }) => variantMeasuresTime(variant)),
  }
  const script = scriptOf(wish, of, results)
  writeEngineRun(results, {
    ...{ engine: name, settings, tries: settings.tries, scopes: scopes.length, of, script, needs, submissions: [] },
  })
  return follow(results, { cancelOnInterrupt }, context)
}

/** For the runner itself, and the parts of it that look at results. */
const runnerMiB = 768
/** A node may have to make an image's template first. */
const startMs = 10 * 60_000

/** Does the part that its variable says, in the folder that this process stands in. */
function scriptOf({ chosen: { settings, engine }, words }: RunOnWish, of: number, results: string): string {
  const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`)
  const own = [
    process.execPath,
    main,
    ...words,
    '--times',
    join(folderOf(results), timesFile),
    '--jobs',
    `${engine.processors}`,
  ]
  const out = `${shellWord(join(folderOf(results), 'parts'))}/"$part.$attempt"`
  return `${[
    `cd ${shellWord(process.cwd())} || exit`,
    ...(settings.prologue === undefined ? [] : [settings.prologue.trimEnd()]),
    `exec ${own.map(shellWord).join(' ')} --part "$part/${of}" --results ${out}`,
  ].join('\n')}\n`
}

/** Follows a run that an engine does to its end. Returns the exit code. @throws WirelabError of kind usage for no such */
export async function attach(
  results: string,
  { cancel, cancelOnInterrupt }: { readonly cancel: boolean; readonly cancelOnInterrupt: boolean },
  context: CommandContext,
): Promise<number> {
  if (!cancel) return follow(resolve(results), { cancelOnInterrupt }, context)
  await cancelAll(readEngineRun(results))
  context.stdout.write('The parts are cancelled.\n')
  return exitCodes.passed
}

async function follow(
  results: string,
  { cancelOnInterrupt }: { readonly cancelOnInterrupt: boolean },
  context: CommandContext,
): Promise<number> {
  const run = readEngineRun(results)
  if (existsSync(join(results, 'events.jsonl')))
    throw usageError(
      `cannot follow ${results}: the run has come to its end`,
      `its report is ${join(results, 'report.html')}`,
    )
  if (tryLock(folderOf(results)) === undefined)
    throw machineryError(`cannot follow ${results}: another process does`, 'end that first')
  const shown = relative(process.cwd(), results) || results
  context.stdout.write(`Parts:   ${run.of}, on ${run.engine}; to follow them again: ${ownCommand(`attach ${shown}`)}\n`)
  const progress = showProgress(context.stdout, context.interactive)
  const show = (status: string) => progress.update(oneLine(status, 1000))
  const tell = (line: string) => progress.print(oneLine(line, 1000))
  let folders: readonly string[]
  try {
    folders = await followRun(run, { engine: engineOf(run), results, signal: context.signal, show, tell })
  } catch (error) {
    progress.end()
    if (context.signal.aborted) await leave(results, shown, cancelOnInterrupt, context)
    throw error
  }
  progress.end()
  const missing = run.of - folders.length
  const exitCode = await mergeFolders(
    folders,
    { out: results, besides: engineFolder, incomplete: true, wanted: [] },
    context,
  )
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  const fold = createSummaryFold()
  const events = outlineRun(results).map((event) => {
    fold.add(event)
    return event
  })
  rememberScopeTimes(scopeTimesIn(events))
  context.stdout.write(renderClosing(fold.result(), shown, [], { isDrawn: existsSync(join(results, 'report.html')) }))
  return missing > 0 && exitCode === exitCodes.passed ? exitCodes.machinery : exitCode
}

const engineOf = ({ engine, settings }: EngineRun) => {
  const kind = engines[engine]
  if (kind === undefined) throw machineryError(`cannot follow a run on ${engine}: there is no such engine`)
  return kind.make(settings)
}

/** Says what becomes of the parts when nobody follows them any more. */
async function leave(results: string, shown: string, cancel: boolean, { stderr }: CommandContext) {
  if (cancel) {
    await cancelAll(readEngineRun(results))
    stderr.write('The parts are cancelled.\n')
    return
  }
  stderr.write(
    `The parts go on. To follow them: ${ownCommand(`attach ${shown}`)}\nTo end them: ${ownCommand(`attach ${shown} -- --cancel`)}\n`,
  )
}

async function cancelAll(run: EngineRun): Promise<void> {
  const engine = engineOf(run)
  for (const { id } of run.submissions) if (id !== undefined) await engine.cancel(id)
}
