import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderHtml } from '../../reports/html/html.ts'
import { renderJunit } from '../../reports/junit/junit.ts'
import { messageOf } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { junitOptions, withProjectPaths } from './junit-options.ts'
import { listFiles, readResultsFacts } from './results-facts.ts'

/**
 * Writes junit.xml and report.html into a results folder. One that can't be drawn does not keep the other from it;
 * `tell` receives what went wrong. Returns whether both were drawn.
 */
export async function drawReports(
  folder: string,
  events: readonly RunEvent[],
  tell: (problem: string) => void,
): Promise<boolean> {
  const junit = await draw('junit.xml', async () =>
    renderJunit(withProjectPaths(events), { ...junitOptions(folder), files: listFiles(folder) }),
  )
  const page = await draw('report.html', async () => renderHtml(events, await readResultsFacts(folder, events)))
  return junit && page

  async function draw(file: string, render: () => Promise<string>) {
    try {
      writeFileSync(join(folder, file), await render())
      return true
    } catch (error) {
      tell(`cannot draw ${join(folder, file)}: ${messageOf(error)}\n`)
      return false
    }
  }
}
