import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import { renderAnnotations, renderStepSummary } from '../../reports/github.ts'
import type { RunSummary } from '../../reports/run/summary.ts'
import { messageOf } from '../errors.ts'
import type { CommandContext } from './command.ts'

/** In a job of GitHub Actions: annotations on stdout (if wanted), and the job's summary. Elsewhere nothing. */
export function reportToGithub(
  summary: RunSummary,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
  { annotate }: { annotate: boolean },
  environment = process.env,
): void {
  if (environment['GITHUB_ACTIONS'] !== 'true') return
  const repository = environment['GITHUB_WORKSPACE'] ?? process.cwd()
  const toPath = (file: string) => {
    const path = relative(repository, file)
    return path.startsWith('..') ? undefined : path
  }
  if (annotate) stdout.write(renderAnnotations(summary, toPath))
  const file = environment['GITHUB_STEP_SUMMARY']
  if (file === undefined || file === '') return
  try {
    appendFileSync(file, renderStepSummary(summary))
  } catch (error) {
    stderr.write(`cannot write the job's summary: ${messageOf(error)}\n`)
  }
}
