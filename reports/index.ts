import { page, pagesFolder } from './html/html.ts'
import { junit } from './junit/junit.ts'
import type { Reporter } from './reporter.ts'

/**
 * The reporters, each of which draws a file of every results folder: at the end of a run, of `merge`, and again by
 * `report`. What is drawn otherwise is none of them: the terminal's report, while a run goes on; GitHub's annotations
 * and summary, which go where a job of GitHub says; handouts and drawings, which are asked for of one lab.
 */
export const reporters: readonly Reporter[] = [junit, page]

/** Names of the files that each results folder has: what is kept of the run, and what is drawn from that. */
export const resultsFiles: readonly string[] = ['events.jsonl', ...reporters.map(({ file }) => file), 'manifest.json']

/** Whether a path in a results folder is of a report, or of what that is drawn from. */
export const isOfReport = (path: string): boolean => resultsFiles.includes(path) || path.startsWith(`${pagesFolder}/`)
