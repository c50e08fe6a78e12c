import test from 'ava'
import { readEvents } from '../../reports/fixtures/fixture.ts'
import { junitOptions, withProjectPaths } from './junit-options.ts'

test('on a laptop the report keeps to the schema, and attachments lie beside it', (t) => {
  t.deepEqual(junitOptions('/p/results/x', {}), { extended: false })
})

test('GitLab finds attachments from the project, and places on cases', (t) => {
  const environment = { GITLAB_CI: 'true', CI_PROJECT_DIR: '/p' }
  t.deepEqual(junitOptions('/p/results/x', environment), { extended: true, attachmentsBelow: 'results/x' })
})

test('lab files are named from the checkout of a job, others as they are', (t) => {
  const events = readEvents('macvlan')
  const files = (project: string) =>
    new Set(
      withProjectPaths(events, { GITHUB_WORKSPACE: project }).flatMap((event) =>
        event.type === 'case-finished' ? [event.file] : [],
      ),
    )
  t.deepEqual([...files('/home/student/wirelab')], ['labs/macvlan-modes/lab.yaml'])
  t.deepEqual([...files('/elsewhere')], ['/home/student/wirelab/labs/macvlan-modes/lab.yaml'])
})
