import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { attempt, messageOf, usageError } from '../errors.ts'
import { readResult, writeResult } from '../host/results-files.ts'

/** Beside the results of a run that an engine does: what was handed over, what it printed, and the parts' results. */
export const engineFolder = 'engine'

const recordFile = 'run.json'

const recordSchema = z.object({
  engine: z.string(),
  settings: z.record(z.string(), z.unknown()),
  tries: z.int(),
  scopes: z.int(),
  of: z.int(),
  /** As `Batch` has it, without the attempt, which stands in its variable `attempt`. */
  script: z.string(),
  needs: z.object({
    processors: z.number(),
    memoryMiB: z.number(),
    limitMs: z.number(),
    longer: z.number(),
    measuresTime: z.boolean(),
  }),
  submissions: z.array(
    z.object({
      attempt: z.int(),
      parts: z.array(z.int()),
      /** Absent while it is handed over, and of what could not be. */
      id: z.string().optional(),
    }),
  ),
})

/** A run that an engine does, as it is recorded for whoever goes on to watch it. */
export type EngineRun = z.infer<typeof recordSchema>

/** Where the record of a run stands, the logs of its parts and their results. */
export const folderOf = (results: string): string => join(results, engineFolder)

/** Where a part leaves its results. */
export const partFolder = (results: string, part: number, attemptNumber: number): string =>
  join(folderOf(results), 'parts', `${part}.${attemptNumber}`)

/** Replaces the record in one step. @throws WirelabError of kind machinery */
export const writeEngineRun = (results: string, run: EngineRun): void =>
  attempt(`record the run in ${folderOf(results)}`, () =>
    writeResult(folderOf(results), recordFile, `${JSON.stringify(run, null, 2)}\n`),
  )

/** @throws WirelabError of kind usage for what is no such run */
export function readEngineRun(results: string): EngineRun {
  if (!existsSync(folderOf(results)))
    throw usageError(
      `cannot attach to ${results}: no engine does that run`,
      'name the results folder of a run with --on',
    )
  try {
    return recordSchema.parse(JSON.parse(readResult(folderOf(results), recordFile)))
  } catch (error) {
    throw usageError(`cannot attach to ${results}: its record can't be read: ${messageOf(error)}`)
  }
}
