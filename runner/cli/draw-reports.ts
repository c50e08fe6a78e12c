import { join } from 'node:path'
import { reporters } from '../../reports/index.ts'
import { messageOf } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { writeResult } from '../host/results-files.ts'
import { readResultsFacts } from './results-facts.ts'

/**
 * Lets each reporter write its file into a results folder. One that can't be drawn does not keep the others from it;
 * `onProblem` receives what went wrong, as a line. Returns whether all were drawn.
 */
export async function drawReports(
  folder: string,
  events: readonly RunEvent[],
  onProblem: (problem: string) => void,
): Promise<boolean> {
  const facts = await readResultsFacts(folder, events)
  let whole = true
  for (const reporter of reporters) {
    const path = join(folder, reporter.file)
    try {
      writeResult(folder, reporter.file, await reporter.render(events, facts))
    } catch (error) {
      whole = false
      onProblem(`cannot draw ${path}: ${messageOf(error)}\n`)
    }
  }
  return whole
}
