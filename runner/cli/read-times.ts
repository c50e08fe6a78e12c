import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { attempt, usageError } from '../errors.ts'
import type { ScopeTimes } from '../expected-time.ts'
import { outlineRun } from './read-run-events.ts'
import { scopeTimesIn } from './scope-times-in.ts'

const timesSchema = z.array(z.tuple([z.string(), z.number().nonnegative()]))

/**
 * How long scopes took, in milliseconds: in results folders, or as a file that `renderTimes` made has it. What a later
 * one says counts. @throws WirelabError of kind usage for what can't be read
 */
export const readTimes = (paths: readonly string[]): ScopeTimes => new Map(paths.flatMap((path) => [...timesOf(path)]))

/** Times as the text of a file. */
export const renderTimes = (times: ScopeTimes): string => `${JSON.stringify([...times])}\n`

function timesOf(path: string): ScopeTimes {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) return scopeTimesIn(outlineRun(path))
  const text = attempt(`read ${path}`, () => readFileSync(path, 'utf8'))
  try {
    return new Map(timesSchema.parse(JSON.parse(text)))
  } catch {
    throw usageError(`cannot read times in ${path}: it is not a file of times`, 'name a results folder')
  }
}
