import { join } from 'node:path'
import { renderEvent } from '../../reports/run/json-lines.ts'
import { fanOut } from '../../reports/run/multiplexer.ts'
import { buildStory } from '../../reports/run/story.ts'
import { plannedScope } from '../announce-scope.ts'
import { endingWith, messageOf } from '../errors.ts'
import {
  type EventSink,
  eventsVersion,
  type NewEvent,
  type RunEvent,
  type RunFinished,
  type RunStarted,
  stampTimes,
} from '../events.ts'
import { writeResult } from '../host/results-files.ts'
import { makeResultsFolder, type ResultsFolder } from '../host/results-folder.ts'
import type { Outcome } from '../result.ts'
import type { Scope } from '../scopes.ts'
import type { ChosenScopes } from './choose-scopes.ts'
import { drawReports } from './draw-reports.ts'
import { labsToRecord, type MadeWith, type optionsToRecord } from './like-run.ts'

/** What a record says of a run as a whole. */
export interface RunToRecord extends MadeWith {
  readonly kind: 'run' | 'mutate'
  readonly scopes: readonly Scope[]
  /** Of how many mutants they are, when they are of mutants. */
  readonly mutants?: RunStarted['mutants']
  /** The options that it is repeated with, as the command line has them. */
  readonly options: ReturnType<typeof optionsToRecord>
  readonly part?: ChosenScopes['part']
  readonly startedAt: Date
  /** The same moment by `performance.now()`. */
  readonly startedMs: number
}

export interface RecordOptions {
  /** The results folder; a new one in `results` when left out. */
  readonly results: string | undefined
  /** Makes what shows events while they happen; `folder` is the absolute path of the results folder. */
  watch(folder: string): EventSink
  /** Receives a line, with its line feed, for each thing that cannot be recorded. */
  tell(problem: string): void
}

/** A run that is being recorded in its results folder: manifest.json, events.jsonl, and reports at its end. */
export interface RunRecord {
  /** Absolute path. */
  readonly folder: string
  /** All events until now. */
  readonly events: readonly RunEvent[]
  /** Records and shows an event, stamped with its time. Does not throw. */
  emit(event: NewEvent): void
  /**
   * Records the run's end and draws the reports. Returns the exit code: `exitCode`, but 3 in place of 0 when the record
   * is not whole. Does not throw.
   */
  finish(outcome: Outcome, exitCode: number, early?: Partial<Pick<RunFinished, 'maxFailures'>>): Promise<number>
}

/**
 * Begins the record of a run with its manifest and its first event. What then cannot be recorded does not keep the run
 * from going on.
 * @throws WirelabError when there can be no results folder
 */
export const recordRun = (run: RunToRecord, options: RecordOptions): RunRecord =>
  recordIn(makeResultsFolder(options.results, run.startedAt), run, options)

/** `recordRun` in a results folder that is there. */
export function recordIn(
  results: ResultsFolder,
  run: RunToRecord,
  { watch, tell }: Omit<RecordOptions, 'results'>,
): RunRecord {
  const folder = results.path
  const events: RunEvent[] = []
  let isWhole = true
  const lose = (file: string, error: unknown) => {
    isWhole = false
    tell(`cannot record the run in ${join(folder, file)}: ${messageOf(error)}\n`)
  }
  const attempt = (file: string, record: () => void) => {
    try {
      record()
    } catch (error) {
      lose(file, error)
    }
  }
  const addToFile: EventSink = (event) => results.addEvent(renderEvent(event))
  const note: EventSink = (event) => {
    events.push(event)
    if (event.type === 'record-lost') lose(event.path, event.cause)
  }
  const sink = fanOut([note, addToFile, watch(folder)], (error, broken) =>
    broken === addToFile ? lose('events.jsonl', error) : tell(`a reporter broke: ${messageOf(error)}\n`),
  )
  const emit = stampTimes(sink, run.startedMs)

  attempt('manifest.json', () => writeResult(folder, 'manifest.json', renderManifest(results.run, run)))
  emit({
    type: 'run-started',
    version: eventsVersion,
    run: results.run,
    startedAt: run.startedAt.toISOString(),
    kind: run.kind,
    surroundings: run.surroundings,
    scopes: run.scopes.map(plannedScope),
    ...(run.mutants === undefined ? {} : { mutants: run.mutants }),
  })
  return {
    folder,
    events,
    emit,
    async finish(outcome, exitCode, early = {}) {
      const durationMs = performance.now() - run.startedMs
      emit({ type: 'run-finished', outcome, exitCode: endingWith(exitCode, isWhole), durationMs, ...early })
      attempt('events.jsonl', results.close)
      if (!(await drawReports(folder, buildStory(events), tell))) isWhole = false
      return endingWith(exitCode, isWhole)
    },
  }
}

/** All that `--like` needs. */
function renderManifest(run: string, recorded: RunToRecord): string {
  const { kind, scopes, startedAt, surroundings, packages, built, moreImages, options, part } = recorded
  const labs = labsToRecord(scopes)
  const made = { surroundings, packages, built, moreImages }
  return `${JSON.stringify({ run, kind, startedAt, ...made, options, ...(part && { part }), labs }, null, 2)}\n`
}
