import { relative, resolve } from 'node:path'
import type { JunitOptions } from '../../reports/junit/junit.ts'
import type { RunEvent } from '../events.ts'

/** What a CI system sets for its jobs. */
const readers = [
  ['GITLAB_CI', 'gitlab'],
  ['GITHUB_ACTIONS', 'github'],
  ['JENKINS_URL', 'jenkins'],
] as const

/**
 * For who reads the report of a job: each CI system reads attributes that not all schemas have. GitLab and Jenkins look
 * for attachments from where the project lies.
 */
export function junitOptions(results: string, environment = process.env): JunitOptions {
  const project = environment['CI_PROJECT_DIR'] ?? environment['WORKSPACE']
  const reader = readers.find(([variable]) => environment[variable])?.[1]
  return {
    ...(reader === undefined ? {} : { reader }),
    ...(project === undefined ? {} : { attachmentsBelow: relative(project, resolve(results)) }),
  }
}

/** The events with lab files named from the checkout that a CI job works in, as its readers name them. */
export function withProjectPaths(events: readonly RunEvent[], environment = process.env): readonly RunEvent[] {
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
