import type { JunitOptions } from '../../reports/junit.ts'

/** GitLab and GitHub read attributes of a test case that Jenkins' schema does not know. */
export const junitOptions = (environment = process.env): JunitOptions => ({
  extended: Boolean(environment['GITLAB_CI'] || environment['GITHUB_ACTIONS']),
})
