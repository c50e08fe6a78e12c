import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pagesFolder } from '../../reports/html/html.ts'
import { reporters } from '../../reports/index.ts'
import type { RunStory } from '../../reports/run/story.ts'
import { messageOf } from '../errors.ts'
import { pathInside } from '../host/file-names.ts'
import { writeResult } from '../host/results-files.ts'
import { readResultsFacts } from './results-facts.ts'

/**
 * Lets each reporter write its files into a results folder. One that can't be drawn does not keep the others from it;
 * `onProblem` receives what went wrong, as a line. Returns whether all were drawn.
 */
export async function drawReports(
  folder: string,
  story: RunStory,
  onProblem: (problem: string) => void,
): Promise<boolean> {
  const facts = await readResultsFacts(folder, story.summary)
  const drawn = new Set<string>()
  let whole = true
  for (const reporter of reporters) {
    try {
      for await (const { name, text } of reporter.render(story, facts)) {
        writeResult(folder, name, text)
        drawn.add(name)
      }
    } catch (error) {
      whole = false
      onProblem(`cannot draw ${join(folder, reporter.file)}: ${messageOf(error)}\n`)
    }
  }
  removeOldPages(folder, drawn)
  return whole
}

/** Removes pages that the report had when it was drawn before, and has no more. */
function removeOldPages(folder: string, drawn: ReadonlySet<string>): void {
  try {
    const pages = pathInside(folder, pagesFolder)
    for (const name of readdirSync(pages))
      if (/^\d+\.html$/.test(name) && !drawn.has(`${pagesFolder}/${name}`)) rmSync(join(pages, name))
  } catch {
    // There are none.
  }
}
