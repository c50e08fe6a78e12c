import test from 'ava'
import { audienceOf } from './audience.ts'

test('on a laptop the report is for nobody in particular, and attachments lie beside it', (t) => {
  t.deepEqual(audienceOf('/p/results/x', {}), {})
})

test('GitLab and Jenkins find attachments from the project, and what each of them reads', (t) => {
  const found = { attachmentsBelow: 'results/x', project: '/p' }
  const gitlab = { GITLAB_CI: 'true', CI_PROJECT_DIR: '/p' }
  t.deepEqual(audienceOf('/p/results/x', gitlab), { reader: 'gitlab', ...found })
  const jenkins = { JENKINS_URL: 'https://ci.example.org/', WORKSPACE: '/p' }
  t.deepEqual(audienceOf('/p/results/x', jenkins), { reader: 'jenkins', ...found })
})

test('GitHub finds attachments beside the report, and lab files from the checkout', (t) => {
  t.deepEqual(audienceOf('/p/results/x', { GITHUB_ACTIONS: 'true' }), { reader: 'github' })
  const github = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/p' }
  t.deepEqual(audienceOf('/p/results/x', github), { reader: 'github', project: '/p' })
})
