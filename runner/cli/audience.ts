import { relative, resolve } from 'node:path'
import type { Audience } from '../../reports/reporter.ts'

/** What a CI system sets for its jobs. */
const readers = [
  ['GITLAB_CI', 'gitlab'],
  ['GITHUB_ACTIONS', 'github'],
  ['JENKINS_URL', 'jenkins'],
] as const

/**
 * For whom a results folder's reports are that programs read: nobody in particular outside of a CI job. GitLab and
 * Jenkins look for attachments from where the project lies.
 */
export function audienceOf(results: string, environment = process.env): Audience {
  const { CI_PROJECT_DIR, GITHUB_WORKSPACE, WORKSPACE } = environment
  const below = CI_PROJECT_DIR ?? WORKSPACE
  const project = CI_PROJECT_DIR ?? GITHUB_WORKSPACE ?? WORKSPACE
  const reader = readers.find(([variable]) => environment[variable])?.[1]
  return {
    ...(reader === undefined ? {} : { reader }),
    ...(below === undefined ? {} : { attachmentsBelow: relative(below, resolve(results)) }),
    ...(project === undefined ? {} : { project }),
  }
}
