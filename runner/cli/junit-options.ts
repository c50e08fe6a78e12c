import { relative, resolve } from 'node:path'
import type { JunitOptions } from '../../reports/junit.ts'
import type { RunEvent } from '../events.ts'

/**
 * GitLab and GitHub read attributes of a test case that Jenkins' schema does not know; GitLab and Jenkins look for
 * attachments from where the project lies.
 */
export const junitOptions = (results: string, environment = process.env): JunitOptions => {
  const project = environment['CI_PROJECT_DIR'] ?? environment['WORKSPACE']
  return {
    extended: Boolean(environment['GITLAB_CI'] || environment['GITHUB_ACTIONS']),
    ...(project === undefined ? {} : { attachmentsBelow: relative(project, resolve(results)) }),
  }
}

/** The events with lab files named from the checkout that a CI job works in, as its readers name them. */
export const withProjectPaths = (events: readonly RunEvent[], environment = process.env): readonly RunEvent[] => {
  const project = environment['CI_PROJECT_DIR'] ?? environment['GITHUB_WORKSPACE'] ?? environment['WORKSPACE']
  if (project === undefined) return events
  const toPath = (file: string) => {
    const path = relative(project, file)
    return path.startsWith('..') ? file : path
  }
  return events.map((event) =>
    event.type === 'scope-started' || event.type === 'case-finished' ? { ...event, file: toPath(event.file) } : event,
  )
}
