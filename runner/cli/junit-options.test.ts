import test from 'ava'
import { fixtureEvents } from '../../reports/fixtures/fixture.ts'
import { junitOptions, withProjectPaths } from './junit-options.ts'

test('on a laptop the report is for nobody in particular, and attachments lie beside it', (t) => {
  t.deepEqual(junitOptions('/p/results/x', {}), {})
})

test('GitLab and Jenkins find attachments from the project, and what each of them reads', (t) => {
  const gitlab = { GITLAB_CI: 'true', CI_PROJECT_DIR: '/p' }
  t.deepEqual(junitOptions('/p/results/x', gitlab), { reader: 'gitlab', attachmentsBelow: 'results/x' })
  const jenkins = { JENKINS_URL: 'https://ci.example.org/', WORKSPACE: '/p' }
  t.deepEqual(junitOptions('/p/results/x', jenkins), { reader: 'jenkins', attachmentsBelow: 'results/x' })
  t.deepEqual(junitOptions('/p/results/x', { GITHUB_ACTIONS: 'true' }), { reader: 'github' })
})

test('lab files are named from the checkout of a job, others as they are', (t) => {
  const events = fixtureEvents('macvlan')
  const files = (project: string) =>
    new Set(
      withProjectPaths(events, { GITHUB_WORKSPACE: project }).flatMap((event) =>
        event.type === 'case-finished' ? [event.file] : [],
      ),
    )
  t.deepEqual([...files('/home/student/wirelab')], ['labs/macvlan-modes/lab.yaml'])
  t.deepEqual([...files('/elsewhere')], ['/home/student/wirelab/labs/macvlan-modes/lab.yaml'])
})
